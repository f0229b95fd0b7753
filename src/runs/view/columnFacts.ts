import type { RunColumn, RunTable, RunValue } from "../runTable.js";
import { isSameValue } from "./orderRows.js";

/** Columns of each kind that are shown to whoever has chosen none. */
const mostParameters = 6;
const mostMetrics = 4;

/** What of every run is shown at first, where there are such columns and they tell the runs apart. */
const always: readonly string[] = ["run.status", "run.label"];
const whereTheyDiffer: readonly string[] = ["run.host", "run.root", "run.path", "run.tags"];
/** Where no values of metrics are known. */
const bestOfRuns: readonly string[] = ["run.best", "run.bestMetric"];
const atTheEnd: readonly string[] = ["run.created", "run.duration"];

/** Whether not all runs have the same value; one that has none differs from one that has. */
export function differs(column: RunColumn, count: number): boolean {
  if (count < 2) return false;
  const first = column.at(0);
  for (let row = 1; row < count; row += 1) if (!isSameValue(first, column.at(row))) return true;
  return false;
}

/** Whether two runs have values and they are not the same: what a sweep varies, and not what came with a later version. */
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

/** The columns that tell most: the state, the name, the main metrics, the parameters in which the runs differ. */
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

/** One column for each of the first metrics, which most runs have: those first of which it is known what is good. */
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

/** @returns the row with the best value of a column; undefined where nothing says what is good, or fewer than two have one. */
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
