import type { Run } from "../sync/runIndex/runs.js";
import type { RunValue } from "./runTable.js";

/** Everything that a run's files tell of it, but for the course of its metrics. */
export interface RunDetails {
  readonly run: Run;
  /** By name; those of an object within are joined with a full stop, lists are JSON. */
  readonly parameters: ReadonlyMap<string, RunValue>;
  /** As parameters. */
  readonly summary: ReadonlyMap<string, RunValue>;
  /** By name. Empty where the run's values are not on this machine. */
  readonly metrics: ReadonlyMap<string, MetricFigures>;
  readonly note: string | undefined;
  readonly code: RunCode | undefined;
  /** As parameters: `python_version`, `packages.torch` and whatever else the run noted. */
  readonly environment: ReadonlyMap<string, RunValue>;
  /** What started the run, as one line. */
  readonly command: string | undefined;
  /** The run's files as the host lists them. */
  readonly files: readonly RunFile[];
  /** Of all its files. */
  readonly bytes: number;
  /** What could not be read; the rest is told. */
  readonly skipped: readonly SkippedPart[];
}

/** The values of one metric in few numbers; NaN and infinite ones are in none of them but `last`. */
export interface MetricFigures {
  /** How many values were logged. */
  readonly count: number;
  readonly last: number;
  readonly lastStep: number;
  /** Undefined where no value is a finite number. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** `min` or `max`, where the run or its name says which is good. */
  readonly best: number | undefined;
  /** The step of the first value that is NaN or infinite. */
  readonly firstNotFinite: number | undefined;
}

/** The state of the code that ran. */
export interface RunCode {
  readonly commit: string | undefined;
  readonly branch: string | undefined;
  /** Whether it differed from the commit; undefined where the run does not say. */
  readonly isDirty: boolean | undefined;
  readonly remote: string | undefined;
  /** The archive of its source files, relative to the run's folder; undefined where there is none. */
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
  /** `damaged`: it is not what its name says; `too-large`; `no-permission`: the host does not let us read it. */
  readonly reason: "damaged" | "too-large" | "no-permission";
  /** Lines that are left out, of a file of lines, or values; 0: all of it. */
  readonly lines: number;
}
