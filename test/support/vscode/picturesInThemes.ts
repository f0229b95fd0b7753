import { inTurn, isFullMatrix } from "../matrix.js";
import type { Scene } from "./stage.js";
import type { Window } from "./window.js";

/** Colours of each kind, with the class of a window that has them. A window begins with the last ones. */
const themes = [
  ["Light Modern", "light", ".vs"],
  ["Dark High Contrast", "high-contrast", ".hc-black"],
  ["Dark Modern", "dark", ".vs-dark"],
] as const;

/** How many themes each window has been given in the short form. */
const given = new WeakMap<Window, number>();

/**
 * Takes a picture of what is shown. `npm run test:windows` takes it in light and high contrast colours too; dark ones are shown
 * afterwards.
 */
export async function picturesInThemes({ window, picture }: Scene, name: string): Promise<void> {
  await picture(name);
  if (isFullMatrix) await inOtherThemes(window, (colours) => picture(`${name}-${colours}`));
}

/**
 * Does something in other colours: in all of them, the first ones at last (`npm run test:windows`), or in the short form in the
 * next ones in turn, which stay.
 */
export async function inOtherThemes(
  window: Window,
  work: (colours: string) => Promise<unknown>,
): Promise<void> {
  const turn = given.get(window) ?? 0;
  given.set(window, turn + 1);
  for (const theme of inTurn(themes, turn)) await inTheme(window, theme, work);
}

async function inTheme(
  window: Window,
  [theme, colours, workbench]: (typeof themes)[number],
  work: (colours: string) => Promise<unknown>,
): Promise<void> {
  await window.command("Preferences: Color Theme");
  await window.quickInputBox.fill(theme);
  await window.row(theme).click();
  await window.quickInputBox.waitFor({ state: "hidden" });
  await window.page.locator(`.monaco-workbench${workbench}`).waitFor();
  await work(colours);
}
