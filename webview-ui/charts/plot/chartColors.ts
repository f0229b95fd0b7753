/** The style of a line. Colour and dashes together distinguish twenty lines, also in black and white. */
export interface LineStyle {
  readonly color: string;
  readonly dash: readonly number[];
}

/** The colours of a plot. */
export interface Palette {
  readonly foreground: string;
  /** Paler than any line. */
  readonly grid: string;
  readonly background: string;
  styleOf(slot: number): LineStyle;
}

// Not the theme's orange, which is a half-transparent minimap colour.
const names = ["blue", "green", "purple", "yellow", "red"];
const fallbacks = ["#3794ff", "#89d185", "#b180d7", "#cca700", "#f14c4c"];
/** Readable on white paper. */
const onWhite = ["#1a6fd4", "#2d7d32", "#7b3fa8", "#9a6700", "#c62828"];
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

export const colorCount = names.length;
export const slotCount = names.length * dashes.length;

/** The colours of the active theme. */
export function themePalette(): Palette {
  const foreground = themeColor("--vscode-foreground", "#888888");
  return paletteOf(
    foreground,
    themeColor("--vscode-editor-background", "#1e1e1e"),
    names.map((name, index) => themeColor(`--vscode-charts-${name}`, fallbacks[index] ?? foreground)),
  );
}

export function whitePalette(): Palette {
  return paletteOf("#333333", "#ffffff", onWhite);
}

function paletteOf(foreground: string, background: string, colors: readonly string[]): Palette {
  return {
    foreground,
    background,
    grid: withAlpha(foreground, 0.16),
    styleOf: (slot) => ({
      color: colors[slot % colors.length] ?? foreground,
      dash: dashes[Math.floor(slot / colors.length) % dashes.length] ?? [],
    }),
  };
}

/** Makes a CSS colour more transparent. */
function withAlpha(color: string, alpha: number): string {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return color;
  context.fillStyle = color;
  const found = /^#(..)(..)(..)$/.exec(context.fillStyle);
  if (!found) return color;
  const [red, green, blue] = found.slice(1).map((part) => parseInt(part, 16));
  return `rgba(${red ?? 0}, ${green ?? 0}, ${blue ?? 0}, ${alpha})`;
}

export function themeColor(variable: string, fallback: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim() || fallback;
}

/** Calls back when the colour theme changes. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
}
