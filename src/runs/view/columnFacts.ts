import type { RunColumn, RunTable, RunValue } from "../runTable.js";
import { isSameValue } from "./orderRows.js";

/** Maximum number of columns of each kind shown by default. */
const mostParameters = 6;
const mostMetrics = 4;

/** Properties of every run that are shown by default, the second list only if their values differ. */
const always: readonly string[] = ["run.status", "run.label"];
const whereTheyDiffer: readonly string[] = ["run.host", "run.root", "run.path", "run.tags"];
/** Shown if there are no metrics. */
const bestOfRuns: readonly string[] = ["run.best", "run.bestMetric"];
const atTheEnd: readonly string[] = ["run.created", "run.duration"];

/** Whether the values differ; a missing value differs from a present one. */
export function differs(column: RunColumn, count: number): boolean {
  if (count < 2) return false;
  const first = column.at(0);
  for (let row = 1; row < count; row += 1) if (!isSameValue(first, column.at(row))) return true;
  return false;
}

/** Whether the present values differ: true for what a sweep varies, not for a parameter that was added later. */
function varies(column: RunColumn, count: number): boolean {
  let first: RunValue | undefined;
  for (let row = 0; row < count; row += 1) {
    const value = column.at(row);
    if (value === undefined) continue;
    if (first === undefined) first = value;
    else if (!isSameValue(first, value)) return true;
  }
  return false;
}

/** The default columns: state, name, main metrics, and parameters that vary. */
export function defaultColumns({ columns, count }: RunTable): readonly string[] {
  const all = [...columns.values()];
  const present = (ids: readonly string[]): RunColumn[] => ids.flatMap((id) => columns.get(id) ?? []);
  const parameters: RunColumn[] = [];
  for (const column of all) {
    if (column.group === "parameter" && varies(column, count)) parameters.push(column);
    if (parameters.length === mostParameters) break;
  }
  const metrics = mainMetrics(all);
  const shown = [
    ...present(always),
    ...present(whereTheyDiffer).filter((column) => differs(column, count)),
    ...(metrics.length > 0 ? metrics : present(bestOfRuns).filter(({ filled }) => filled > 0)),
    ...parameters,
    ...present(atTheEnd).filter(({ filled }) => filled > 0),
  ];
  return [...new Set(shown.map(({ id }) => id))];
}

/** One column for each of the main metrics: those with a known mode first, then the most common. */
function mainMetrics(all: readonly RunColumn[]): readonly RunColumn[] {
  const metrics = new Map<string, RunColumn>();
  for (const column of all) {
    if (column.group !== "metric") continue;
    if (column.figure === "best") metrics.set(column.name, column);
    else if (column.figure === "last" && !metrics.has(column.name)) metrics.set(column.name, column);
  }
  const weight = ({ figure, name }: RunColumn): number =>
    (figure === "best" ? 2 : 0) + (/^(val|test|eval)/i.test(name) ? 1 : 0);
  return [...metrics.values()].sort((a, b) => weight(b) - weight(a)).slice(0, mostMetrics);
}

/** @returns the row with the best value of a column; undefined if it has no mode, or fewer than two values. */
export function bestRowOf(column: RunColumn, rows: Uint32Array): number | undefined {
  if (!column.better) return undefined;
  const sign = column.better === "min" ? 1 : -1;
  let [best, bestRow, found]: [number, number | undefined, number] = [Infinity, undefined, 0];
  for (const row of rows) {
    const value = column.at(row);
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    found += 1;
    if (value * sign < best || bestRow === undefined) [best, bestRow] = [value * sign, row];
  }
  return found > 1 ? bestRow : undefined;
}
