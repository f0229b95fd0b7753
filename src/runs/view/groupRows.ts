import type { RunColumn, RunValue } from "../runTable.js";

/** Rows with the same value in one column. */
export interface RowGroup {
  /** Undefined: no value. */
  readonly value: RunValue | undefined;
  /** Identifies the group in its column, also in later tables. */
  readonly key: string;
  readonly rows: Uint32Array;
}

/** The values of one column in a group. */
export interface GroupFigures {
  /** How many are finite. */
  readonly count: number;
  readonly best: number | undefined;
  /** The row with the best value. */
  readonly bestRow: number | undefined;
  readonly mean: number;
  /** Population standard deviation; 0 for one value. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

/** Groups rows by value, in the order of first appearance; rows keep their order. */
export function groupRows(rows: Uint32Array, column: RunColumn): readonly RowGroup[] {
  const byKey = new Map<string, { value: RunValue | undefined; rows: number[] }>();
  for (const row of rows) {
    const value = column.at(row);
    const key = groupKey(value);
    const present = byKey.get(key);
    if (present) present.rows.push(row);
    else byKey.set(key, { value, rows: [row] });
  }
  return [...byKey].map(([key, { value, rows: members }]) => ({
    key,
    value,
    rows: Uint32Array.from(members),
  }));
}

/** A number and its text are different groups. */
function groupKey(value: RunValue | undefined): string {
  return value === undefined ? "" : `${typeof value} ${String(value)}`;
}

/** @returns undefined if no value is finite. */
export function figuresOf(rows: Uint32Array, column: RunColumn): GroupFigures | undefined {
  let count = 0;
  let [mean, squares, min, max] = [0, 0, Infinity, -Infinity];
  let [lowest, highest]: [number | undefined, number | undefined] = [undefined, undefined];
  for (const row of rows) {
    const value = column.at(row);
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    count += 1;
    const step = value - mean;
    mean += step / count;
    squares += step * (value - mean);
    if (value < min) [min, lowest] = [value, row];
    if (value > max) [max, highest] = [value, row];
  }
  if (count === 0) return undefined;
  const { better } = column;
  const best = better && (better === "min" ? min : max);
  const bestRow = better && (better === "min" ? lowest : highest);
  return { count, best, bestRow, mean, deviation: Math.sqrt(squares / count), min, max };
}
