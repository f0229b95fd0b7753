import type { Run } from "../sync/runIndex/runs.js";
import type { RunValue } from "./runTable.js";

/** Everything in a run's files except the history of its metrics. */
export interface RunDetails {
  readonly run: Run;
  /** By name; names of nested objects are joined with a dot, lists are JSON. */
  readonly parameters: ReadonlyMap<string, RunValue>;
  /** Like `parameters`. */
  readonly summary: ReadonlyMap<string, RunValue>;
  /** By name. Empty if the run's events are not on this machine. */
  readonly metrics: ReadonlyMap<string, MetricFigures>;
  readonly note: string | undefined;
  readonly code: RunCode | undefined;
  /** Like `parameters`: `python_version`, `packages.torch` and whatever else the run recorded. */
  readonly environment: ReadonlyMap<string, RunValue>;
  /** The command line of the run. */
  readonly command: string | undefined;
  /** The run's files as the host lists them. */
  readonly files: readonly RunFile[];
  /** Size of all its files. */
  readonly bytes: number;
  /** What could not be read. */
  readonly skipped: readonly SkippedPart[];
}

/** A summary of the values of one metric; only `count` and `last` include NaN and infinite ones. */
export interface MetricFigures {
  /** How many values were logged. */
  readonly count: number;
  readonly last: number;
  readonly lastStep: number;
  /** Undefined if no value is finite. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** `min` or `max`, if the run or the metric's name says which is good. */
  readonly best: number | undefined;
  /** The step of the first value that is NaN or infinite. */
  readonly firstNotFinite: number | undefined;
}

/** The state of the code that ran. */
export interface RunCode {
  readonly commit: string | undefined;
  readonly branch: string | undefined;
  /** Whether it had uncommitted changes; undefined if the run does not say. */
  readonly isDirty: boolean | undefined;
  readonly remote: string | undefined;
  /** The archive of its source files, relative to the run's folder; undefined if there is none. */
  readonly snapshot: string | undefined;
}

/** A file of a run. */
export interface RunFile {
  /** Relative to the run's folder. */
  readonly path: string;
  readonly bytes: number;
  /** Whether all of it is on this machine. */
  readonly isHere: boolean;
}

/** A file, or a part of one, that is left out. */
export interface SkippedPart {
  /** Relative to the run's folder. */
  readonly path: string;
  /** `damaged`: not the expected format; `too-large`; `too-many` values; `no-permission`: the host does not let us read it. */
  readonly reason: "damaged" | "too-large" | "too-many" | "no-permission";
  /** How many lines or values are left out; 0: all of the file. */
  readonly lines: number;
}
