import { type BandKind, type Range, type XAxis, xAxes } from "../../src/charts/chart.js";
import type { KeptRun } from "../../src/vscode/charts/chartMessages.js";

export type { Range };

/** The range of a chart's y axis; null means automatic. */
export type YRange = readonly [from: number | null, to: number | null];

/** The settings of all charts. */
export interface Controls {
  x: XAxis;
  xMetric: string;
  smoothing: number;
  isLog: boolean;
  filter: string;
  /** The id of the grouping; empty: none. */
  grouping: string;
  band: BandKind;
  /** Also shows values that a resumed run replaced. */
  replaced: boolean;
  /** Exports images on white instead of in the theme. */
  onWhite: boolean;
}

/** The page's state that VS Code restores after a reload. */
export interface ChartState {
  readonly runs: readonly KeptRun[];
  readonly controls: Controls;
  /** The visible range of the x axis in all charts. */
  readonly range: Range | undefined;
  /** By metric. */
  readonly yRanges: readonly (readonly [string, YRange])[];
  /** Names of runs and groups: see `ChartsModel`. */
  readonly hidden: readonly string[];
  readonly focused: readonly string[];
  readonly pins: readonly string[];
  /** Prefixes of sections. */
  readonly collapsed: readonly string[];
  /** The colour slot of each trace. */
  readonly slots: readonly (readonly [string, number])[];
}

/** Parses saved state; uses defaults for anything invalid. */
export function readView(state: unknown): Omit<ChartState, "runs"> {
  const kept = isObject(state) ? state : {};
  const { range } = kept;
  return {
    controls: readControls(kept["controls"]),
    range: isRange(range) ? range : undefined,
    yRanges: pairsOf(kept["yRanges"], isYRange),
    hidden: textsOf(kept["hidden"]),
    focused: textsOf(kept["focused"]),
    pins: textsOf(kept["pins"]),
    collapsed: textsOf(kept["collapsed"]),
    slots: pairsOf(kept["slots"], (slot): slot is number => Number.isInteger(slot)),
  };
}

function readControls(kept: unknown): Controls {
  const { x, xMetric, smoothing, isLog, filter, grouping, band, replaced, onWhite } = isObject(kept)
    ? kept
    : {};
  return {
    x: xAxes.find((axis) => axis === x) ?? "step",
    xMetric: textOf(xMetric),
    smoothing: typeof smoothing === "number" && smoothing >= 0 && smoothing <= 0.99 ? smoothing : 0,
    isLog: isLog === true,
    filter: textOf(filter),
    grouping: textOf(grouping),
    band: band === "deviation" ? band : "range",
    replaced: replaced === true,
    onWhite: onWhite === true,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function pairsOf<T>(value: unknown, isOne: (one: unknown) => one is T): readonly (readonly [string, T])[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (entry): entry is readonly [string, T] =>
      Array.isArray(entry) && typeof entry[0] === "string" && isOne(entry[1]),
  );
}

function isRange(value: unknown): value is Range {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

function isYRange(value: unknown): value is YRange {
  const isEnd = (end: unknown): boolean => end === null || Number.isFinite(end);
  return Array.isArray(value) && value.length === 2 && value.every(isEnd);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
