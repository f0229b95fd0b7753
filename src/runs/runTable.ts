import type { Run } from "../sync/runIndex/runs.js";
import type { RunName } from "./runName.js";

/** A value that a run's files tell. A number may be NaN or infinite. */
export type RunValue = string | number | boolean;

/** Where a column's values come from. `run`: what every run has, as its status. */
export type ColumnGroup = "run" | "parameter" | "summary" | "metric" | "environment";

/** How a column's values are compared and shown. Times are seconds since the epoch, durations seconds, sizes bytes. */
export type ColumnKind = "number" | "text" | "time" | "duration" | "bytes";

/** Which of a metric's values a column holds. */
export type MetricFigure = "last" | "min" | "max" | "best";

/** One property of all runs. */
export interface RunColumn {
  /** `run.status`, `parameter.optimizer.lr`, `metric.val_loss.best`: what tables keep of it. */
  readonly id: string;
  readonly group: ColumnGroup;
  /** As the runs call it: `optimizer.lr`, `val_loss`. */
  readonly name: string;
  /** For metrics. */
  readonly figure: MetricFigure | undefined;
  readonly kind: ColumnKind;
  /** Which values are good, where runs say so. */
  readonly better: "min" | "max" | undefined;
  /** How many runs have a value. */
  readonly filled: number;
  /** @param row counted from 0, below the table's count. @returns undefined where that run has none. */
  at(row: number): RunValue | undefined;
}

/** What a table does not hold, so that it fits into memory. */
export interface LeftOut {
  /** Of very many runs of a root, those that changed last are told of. */
  readonly runs: number;
  /** Of very many columns, those that most runs have are told of. */
  readonly columns: number;
  /** Values of single runs, such as the last ones of very many parameters. */
  readonly values: number;
}

/** All runs of all roots on this machine, as they were at one moment. A later table is another object. */
export interface RunTable {
  /** Differs from that of the table before, and is higher. */
  readonly version: number;
  /** How many runs. */
  readonly count: number;
  /** How many of them log values that were not read yet: a later table has them. */
  readonly unread: number;
  /** What there is no room for. */
  readonly leftOut: LeftOut;
  /** By id; those of the runs themselves first, then by group, and in a group by how many runs have a value. */
  readonly columns: ReadonlyMap<string, RunColumn>;
  /** @param row counted from 0, below `count`. Newest runs first. */
  runAt(row: number): Run;
  rowOf(run: RunName): number | undefined;
  /** @param row counted from 0, below `count`. */
  nameAt(row: number): RunName;
  /** Lines of its events that are damaged or too long: what they told is in no column. @param row counted from 0. */
  unreadLines(row: number): number;
}
