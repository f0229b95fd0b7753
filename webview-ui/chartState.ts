import type { KeptRun } from "../src/vscode/runs/chartMessages.js";

/** A part of a chart's x axis. */
export type Range = readonly [number, number];

/** How a person looks at the charts. */
export interface Controls {
  x: "step" | "time";
  smoothing: number;
  isLog: boolean;
  filter: string;
}

/** What VS Code keeps of the page while the window is away. */
export interface ChartState {
  readonly runs: readonly KeptRun[];
  readonly controls: Controls;
  /** The parts that are looked at, by metric. */
  readonly ranges: readonly (readonly [string, Range])[];
}

/** How the charts were looked at when the window was closed; the beginning where nothing fit was kept. */
export function readView(state: unknown): Pick<ChartState, "controls" | "ranges"> {
  const { controls, ranges } = isObject(state) ? state : {};
  const { x, smoothing, isLog, filter } = isObject(controls) ? controls : {};
  return {
    controls: {
      x: x === "time" ? x : "step",
      smoothing: typeof smoothing === "number" && smoothing >= 0 && smoothing <= 0.99 ? smoothing : 0,
      isLog: isLog === true,
      filter: typeof filter === "string" ? filter : "",
    },
    ranges: Array.isArray(ranges) ? ranges.filter(isRangeOf) : [],
  };
}

function isRangeOf(entry: unknown): entry is readonly [string, Range] {
  if (!Array.isArray(entry) || typeof entry[0] !== "string" || !Array.isArray(entry[1])) return false;
  const [from, to] = entry[1] as readonly unknown[];
  return Number.isFinite(from) && Number.isFinite(to);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
