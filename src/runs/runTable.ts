import type { Run } from "../sync/runIndex/runs.js";
import type { RunName } from "./runName.js";

/** A value in a run's files. A number may be NaN or infinite. */
export type RunValue = string | number | boolean;

/** Where a column's values come from. `run`: properties of every run, such as the status. */
export type ColumnGroup = "run" | "parameter" | "summary" | "metric" | "environment";

/** How a column's values are compared and shown. Times are seconds since the epoch, durations seconds, sizes bytes. */
export type ColumnKind = "number" | "text" | "time" | "duration" | "bytes";

/** Which of a metric's values a column contains. */
export type MetricFigure = "last" | "min" | "max" | "best";

/** One property of all runs. */
export interface RunColumn {
  /** `run.status`, `parameter.optimizer.lr`, `metric.val_loss.best`: stored in saved layouts. */
  readonly id: string;
  readonly group: ColumnGroup;
  /** As logged: `optimizer.lr`, `val_loss`. */
  readonly name: string;
  /** For metrics only. */
  readonly figure: MetricFigure | undefined;
  readonly kind: ColumnKind;
  /** Which values are good, if known. */
  readonly better: "min" | "max" | undefined;
  /** How many runs have a value. */
  readonly filled: number;
  /** @param row from 0, less than the table's count. @returns undefined if that run has none. */
  at(row: number): RunValue | undefined;
}

/** What is left out of a table so that it fits into memory. */
export interface LeftOut {
  /** If a root has very many runs, only the last changed are included. */
  readonly runs: number;
  /** If there are very many columns, only the most common are included. */
  readonly columns: number;
  /** Values of single runs, such as the last ones of very many parameters. */
  readonly values: number;
}

/** An immutable snapshot of all runs of all roots on this machine. */
export interface RunTable {
  /** Higher than that of any earlier table. */
  readonly version: number;
  /** How many runs. */
  readonly count: number;
  /** How many of them have events that were not read yet; a later table includes them. */
  readonly unread: number;
  /** What is left out. */
  readonly leftOut: LeftOut;
  /** By id, in the order of groups, `run` first; within a group the most common first. */
  readonly columns: ReadonlyMap<string, RunColumn>;
  /** @param row from 0, less than `count`; newest runs first. */
  runAt(row: number): Run;
  rowOf(run: RunName): number | undefined;
  /** @param row from 0, less than `count`. */
  nameAt(row: number): RunName;
  /** Lines of its events that are damaged or too long: what they told is in no column. @param row counted from 0. */
  unreadLines(row: number): number;
}
