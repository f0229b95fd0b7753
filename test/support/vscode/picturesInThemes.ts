import type { Stage } from "./stage.js";
import type { Window } from "./window.js";

/** Colours of each kind, beside dark ones, with which a window begins. */
const otherThemes = [
  ["Light Modern", "light", ".vs"],
  ["Dark High Contrast", "high-contrast", ".hc-black"],
  ["Dark Modern", "dark-again", ".vs-dark"],
] as const;

/** Takes pictures of what is shown in light and high contrast colours too; dark ones are shown afterwards. */
export async function picturesInThemes({ window, picture }: Stage, name: string): Promise<void> {
  await picture(`${name}-dark`);
  await inOtherThemes(window, (colours) => picture(`${name}-${colours}`));
}

/** Does something in light, in high contrast and in dark colours again. */
export async function inOtherThemes(
  window: Window,
  work: (colours: string) => Promise<unknown>,
): Promise<void> {
  for (const [theme, colours, workbench] of otherThemes) {
    await window.command("Preferences: Color Theme");
    await window.quickInputBox.fill(theme);
    await window.row(theme).click();
    await window.quickInputBox.waitFor({ state: "hidden" });
    await window.page.locator(`.monaco-workbench${workbench}`).waitFor();
    await work(colours);
  }
}
