/** How the line of one run is drawn: colour and dashes together tell sixteen apart, also in black and white. */
export interface LineStyle {
  readonly color: string;
  readonly dash: readonly number[];
}

const names = ["blue", "orange", "green", "red", "purple", "yellow"];
const fallbacks = ["#3794ff", "#d18616", "#89d185", "#f14c4c", "#b180d7", "#cca700"];
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3]];

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
