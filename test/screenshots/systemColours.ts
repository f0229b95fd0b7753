import type { Page } from "playwright-core";

/** Settings with which the window follows the colours of the system. */
export const followSystem: Readonly<Record<string, unknown>> = {
  "window.autoDetectColorScheme": true,
  "window.autoDetectHighContrast": true,
  "workbench.preferredDarkColorTheme": "Dark Modern",
  "workbench.preferredLightColorTheme": "Light Modern",
  "workbench.preferredHighContrastColorTheme": "Default High Contrast",
};

/** Runs in the window before its own code, not in frames: what it is told of the system's colours is said from here. */
const standIn = `(() => {
  if (window !== window.top) return;
  const real = window.matchMedia.bind(window);
  const lists = [];
  let colours = "dark";
  const answers = {
    "(prefers-color-scheme: light)": () => colours === "light",
    "(prefers-color-scheme: dark)": () => colours !== "light",
    "(forced-colors: active)": () => colours === "high-contrast",
  };
  window.matchMedia = (query) => {
    const answer = answers[query];
    if (!answer) return real(query);
    const list = new EventTarget();
    Object.defineProperty(list, "matches", { get: answer });
    lists.push(list);
    return Object.assign(list, { media: query });
  };
  globalThis.paintSystem = (name) => {
    colours = name;
    for (const list of lists) list.dispatchEvent(new Event("change"));
  };
})()`;

/** From the next load of the page on, its system has colours that can be changed. */
export async function makeSystemPaintable(page: Page): Promise<void> {
  await page.addInitScript(standIn);
}

export async function paintSystem(page: Page, colours: "dark" | "light" | "high-contrast"): Promise<void> {
  await page.evaluate(`paintSystem(${JSON.stringify(colours)})`);
}
