import type { Stage } from "./stage.js";

/** Takes pictures of what is shown in light and high contrast colours too; dark ones are shown afterwards. */
export async function picturesInThemes({ window, picture }: Stage, name: string): Promise<void> {
  await picture(`${name}-dark`);
  for (const [theme, colours, workbench] of [
    ["Light Modern", "light", ".vs"],
    ["Dark High Contrast", "high-contrast", ".hc-black"],
    ["Dark Modern", "dark-again", ".vs-dark"],
  ] as const) {
    await window.command("Preferences: Color Theme");
    await window.quickInputBox.fill(theme);
    await window.row(theme).click();
    await window.quickInputBox.waitFor({ state: "hidden" });
    await window.page.locator(`.monaco-workbench${workbench}`).waitFor();
    await picture(`${name}-${colours}`);
  }
}
