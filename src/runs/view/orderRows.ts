import type { RunColumn, RunValue } from "../runTable.js";

/** One column of an order. */
export interface SortKey {
  readonly column: RunColumn;
  readonly isDescending: boolean;
}

/** Numbers come first, then NaN, text and missing values, in both directions. */
const classes = { number: 0, notANumber: 1, text: 2, missing: 3 } as const;

/** Sort keys of one column, by row: the class of a value, and its rank in the class. */
interface Ranks {
  readonly found: Uint8Array;
  readonly places: Float64Array;
  readonly sign: 1 | -1;
}

/**
 * Sorts rows; the sort is stable.
 * @param count how many rows the table has.
 */
export function orderRows(rows: Uint32Array, keys: readonly SortKey[], count: number): Uint32Array {
  if (keys.length === 0) return rows.slice();
  const compare = comparisonOf(rows, keys, count);
  const before = new Uint32Array(count);
  rows.forEach((row, at) => (before[row] = at));
  return rows.slice().sort((a, b) => compare(a, b) || (before[a] ?? 0) - (before[b] ?? 0));
}

/** Whether rows are in the order in which `orderRows` would sort the table, without sorting. */
export function isOrdered(rows: Uint32Array, keys: readonly SortKey[], count: number): boolean {
  const compare = comparisonOf(rows, keys, count);
  for (let at = 1; at < rows.length; at += 1) {
    const [a, b] = [rows[at - 1] ?? 0, rows[at] ?? 0];
    if ((compare(a, b) || a - b) > 0) return false;
  }
  return true;
}

/** @returns a comparison of two rows: negative if the first comes first, 0 if they are equal by all keys. */
function comparisonOf(
  rows: Uint32Array,
  keys: readonly SortKey[],
  count: number,
): (a: number, b: number) => number {
  const ranks = keys.map((key) => ranksOf(rows, key, count));
  return (a, b) => {
    for (const { found, places, sign } of ranks) {
      const byClass = (found[a] ?? 0) - (found[b] ?? 0);
      if (byClass !== 0) return byClass;
      const [x, y] = [places[a] ?? 0, places[b] ?? 0];
      // Do not subtract: the difference of two infinite values is NaN.
      if (x !== y) return x < y ? -sign : sign;
    }
    return 0;
  };
}

function ranksOf(rows: Uint32Array, { column, isDescending }: SortKey, count: number): Ranks {
  const found = new Uint8Array(count);
  const places = new Float64Array(count);
  const texts = new Map<string, number>();
  const textOf = new Map<number, string>();
  for (const row of rows) {
    const value = column.at(row);
    if (value === undefined) found[row] = classes.missing;
    else if (typeof value !== "number") {
      found[row] = classes.text;
      const text = String(value);
      texts.set(text, 0);
      textOf.set(row, text);
    } else if (Number.isNaN(value)) found[row] = classes.notANumber;
    else places[row] = value;
  }
  if (texts.size > 0) {
    rankTexts(texts);
    for (const [row, text] of textOf) places[row] = texts.get(text) ?? 0;
  }
  return { found, places, sign: isDescending ? -1 : 1 };
}

/** Ranks texts in natural order. Texts that differ only in case have the same rank. */
function rankTexts(texts: Map<string, number>): void {
  const sorted = [...texts.keys()]
    .map((text) => ({ text, key: naturalKey(text) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let place = 0;
  for (const [at, { text, key }] of sorted.entries()) {
    if (at > 0 && sorted[at - 1]?.key !== key) place += 1;
    texts.set(text, place);
  }
}

/** Maximum length of a sort key, in UTF-16 units. */
const longestKey = 200;

/** Sorts `trial-2` before `trial-10`, by prefixing each number with how many digits it has. */
function naturalKey(text: string): string {
  return text
    .slice(0, longestKey)
    .toLowerCase()
    .replace(/\d+/g, (digits) => {
      const plain = digits.replace(/^0+(?=\d)/, "");
      return `0${String.fromCharCode(0x100 + plain.length)}${plain}`;
    });
}

/** Whether two values count as equal: NaN equals NaN, and 0 equals -0. */
export function isSameValue(a: RunValue | undefined, b: RunValue | undefined): boolean {
  return Object.is(a, b) || (a === 0 && b === 0);
}
