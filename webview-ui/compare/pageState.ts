import type { KeptRun } from "../../src/vscode/charts/chartMessages.js";

/** How a person looked at a comparison when the window was closed. */
export interface KeptComparison {
  /** Missing: the first one. */
  readonly baseline: KeptRun | undefined;
  /** Whose source files are compared with those of the baseline. */
  readonly other: KeptRun | undefined;
  readonly showsAll: boolean;
  readonly search: string;
  /** What the charts keep, of whatever shape. */
  readonly charts: unknown;
}

/** The beginning where nothing fit was kept. */
export function readKeptComparison(state: unknown): KeptComparison {
  const { baseline, other, showsAll, search, charts } = isObject(state) ? state : {};
  return {
    baseline: readRun(baseline),
    other: readRun(other),
    showsAll: showsAll === true,
    search: typeof search === "string" ? search : "",
    charts,
  };
}

function readRun(value: unknown): KeptRun | undefined {
  const { syncId, id, inFolder } = isObject(value) ? value : {};
  if (typeof syncId !== "string" || typeof id !== "string") return undefined;
  return { syncId, id, ...(typeof inFolder === "string" && { inFolder }) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
