import type { KeptRun } from "../../src/vscode/charts/chartMessages.js";

/** The saved state of a comparison. */
export interface KeptComparison {
  /** Default: the first one. */
  readonly baseline: KeptRun | undefined;
  /** The run whose source files are compared with the baseline's. */
  readonly other: KeptRun | undefined;
  readonly showsAll: boolean;
  readonly search: string;
  /** State of the charts, not validated. */
  readonly charts: unknown;
}

/** Parses saved state; uses defaults for anything invalid. */
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
