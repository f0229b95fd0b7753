/** How the line of one run is drawn: colour and dashes together tell sixteen apart, also in black and white. */
export interface LineStyle {
  readonly color: string;
  readonly dash: readonly number[];
}

// Not the theme's orange: that is a mark in the minimap, and half transparent.
const names = ["blue", "green", "purple", "yellow", "red"];
const fallbacks = ["#3794ff", "#89d185", "#b180d7", "#cca700", "#f14c4c"];
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

/** Colours of the theme that is active now. */
export function lineStyle(run: number): LineStyle {
  const index = run % names.length;
  return {
    color: themeColor(`--vscode-charts-${names[index] ?? "blue"}`, fallbacks[index] ?? "#3794ff"),
    dash: dashes[Math.floor(run / names.length) % dashes.length] ?? [],
  };
}

export function themeColor(variable: string, fallback: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim() || fallback;
}

/** Calls when the person chose another theme. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
}
