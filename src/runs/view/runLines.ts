import { parseQuery } from "../query/parseQuery.js";
import { matchQuery } from "../query/matchQuery.js";
import type { QueryProblem } from "../query/query.js";
import type { RunTable } from "../runTable.js";
import { groupRows, type RowGroup } from "./groupRows.js";
import { isOrdered, orderRows, type SortKey } from "./orderRows.js";

/** How to show runs: filter, order and groups. */
export interface Look {
  readonly filter: string;
  /** Most significant first. Missing columns are ignored. */
  readonly sort: readonly { readonly id: string; readonly isDescending: boolean }[];
  readonly groupBy: string | undefined;
  /** Keys of groups whose rows are hidden. */
  readonly collapsed: ReadonlySet<string>;
}

/** The lines of a table: runs, and headings of groups. */
export interface RunLines {
  readonly table: RunTable;
  /** The runs that match the filter, sorted. */
  readonly rows: Uint32Array;
  /** Undefined if not grouped. */
  readonly groups: readonly RowGroup[] | undefined;
  readonly count: number;
  readonly problems: readonly QueryProblem[];
  /** @param line from 0. @returns undefined if there is none. */
  at(line: number): Line | undefined;
  /** The line of a row; undefined if its group is collapsed or the filter hides it. */
  lineOf(row: number): number | undefined;
}

export type Line =
  | { readonly kind: "run"; readonly row: number }
  | { readonly kind: "group"; readonly group: RowGroup; readonly isCollapsed: boolean };

/** @param now seconds since the epoch. */
export function createRunLines(table: RunTable, look: Look, now: number): RunLines {
  const { chosen, problems } = choose(table, look, now);
  return arranged(table, orderRows(chosen, keysOf(table, look), table.count), look, problems);
}

/** The rows that match the filter, in the order of the table. */
function choose(
  table: RunTable,
  { filter }: Look,
  now: number,
): { readonly chosen: Uint32Array; readonly problems: readonly QueryProblem[] } {
  const match = matchQuery(parseQuery(filter), table, now);
  const chosen = new Uint32Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row += 1) if (match.matches(row)) chosen[count++] = row;
  return { chosen: chosen.subarray(0, count), problems: match.problems };
}

function keysOf({ columns }: RunTable, { sort }: Look): readonly SortKey[] {
  return sort.flatMap(({ id, isDescending }) => {
    const column = columns.get(id);
    return column ? [{ column, isDescending }] : [];
  });
}

/** Groups sorted rows. */
function arranged(
  table: RunTable,
  rows: Uint32Array,
  { groupBy, collapsed }: Look,
  problems: readonly QueryProblem[],
): RunLines {
  const column = groupBy === undefined ? undefined : table.columns.get(groupBy);
  if (!column) return linesOf(table, rows, undefined, collapsed, problems);
  return linesOf(table, rows, groupRows(rows, column), collapsed, problems);
}

function linesOf(
  table: RunTable,
  rows: Uint32Array,
  groups: readonly RowGroup[] | undefined,
  collapsed: ReadonlySet<string>,
  problems: readonly QueryProblem[],
): RunLines {
  /** The row of each line, or a negative number: -1 for the first group and so on. */
  const lines = groups ? linesOfGroups(groups, collapsed) : rows;
  let places: Int32Array | undefined;
  const placesOf = (): Int32Array => {
    const made = new Int32Array(table.count).fill(-1);
    lines.forEach((row: number, line: number) => {
      if (row >= 0) made[row] = line;
    });
    return made;
  };
  return {
    table,
    rows,
    groups,
    problems,
    count: lines.length,
    at: (line) => {
      const row = lines[line];
      if (row === undefined) return undefined;
      if (row >= 0) return { kind: "run", row };
      const group = groups?.[-row - 1];
      return group && { kind: "group", group, isCollapsed: collapsed.has(group.key) };
    },
    lineOf: (row) => {
      const line = (places ??= placesOf())[row] ?? -1;
      return line < 0 ? undefined : line;
    },
  };
}

function linesOfGroups(groups: readonly RowGroup[], collapsed: ReadonlySet<string>): Int32Array {
  const isOpen = ({ key }: RowGroup): boolean => !collapsed.has(key);
  const count = groups.reduce((sum, group) => sum + 1 + (isOpen(group) ? group.rows.length : 0), 0);
  const lines = new Int32Array(count);
  let at = 0;
  for (const [index, group] of groups.entries()) {
    lines[at++] = -index - 1;
    if (!isOpen(group)) continue;
    lines.set(group.rows, at);
    at += group.rows.length;
  }
  return lines;
}

/** Lines of a later table in the order of an earlier one, and how many runs are missing. */
export interface HeldLines {
  readonly lines: RunLines;
  /** How many runs match the filter that were not shown before. */
  readonly fresh: number;
  /** Whether sorting and filtering again would change the lines. */
  readonly isStale: boolean;
}

/**
 * Shows the values of a later table for the same runs in the same order, so that lines do not move while somebody
 * reads. Runs that no longer exist disappear.
 */
export function holdLines(before: RunLines, table: RunTable, look: Look, now: number): HeldLines {
  const { chosen, problems } = choose(table, look, now);
  const kept = new Uint32Array(before.rows.length);
  const isShown = new Uint8Array(table.count);
  let count = 0;
  for (const row of before.rows) {
    const next = laterRow(before.table, row, table);
    if (next === undefined) continue;
    kept[count++] = next;
    isShown[next] = 1;
  }
  let fresh = 0;
  for (const row of chosen) if (!isShown[row]) fresh += 1;
  const rows = kept.slice(0, count);
  // If the numbers are equal and no run is fresh, the sets are equal.
  const isStale =
    fresh > 0 || rows.length !== chosen.length || !isOrdered(rows, keysOf(table, look), table.count);
  return { lines: arranged(table, rows, look, problems), fresh, isStale };
}

/** The row of a run in a later table, usually the same. */
function laterRow(before: RunTable, row: number, table: RunTable): number | undefined {
  const run = before.runAt(row);
  if (row < table.count) {
    const { syncId, folder } = table.runAt(row);
    if (run.folder === folder && run.syncId === syncId) return row;
  }
  return table.rowOf(before.nameAt(row));
}
