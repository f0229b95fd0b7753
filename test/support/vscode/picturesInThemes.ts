import type { Stage } from "./stage.js";

/** Takes pictures of what is shown in light and high contrast colours too; dark ones are shown afterwards. */
export async function picturesInThemes({ window, picture }: Stage, name: string): Promise<void> {
  await picture(`${name}-dark`);
  for (const [theme, colours] of [
    ["Light Modern", "light"],
    ["Dark High Contrast", "high-contrast"],
    ["Dark Modern", "dark-again"],
  ] as const) {
    await window.command("Preferences: Color Theme");
    await window.quickInputBox.fill(theme);
    await window.page.keyboard.press("Enter");
    await window.quickInputBox.waitFor({ state: "hidden" });
    await picture(`${name}-${colours}`);
  }
}
