import * as z from "zod";

/** A column in the user's layout. */
export interface ShownColumn {
  readonly id: string;
  /** Pixels. */
  readonly width: number;
  readonly isPinned: boolean;
}

/** The user's layout of the table, stored in the workspace. */
export interface TableState {
  readonly filter: string;
  readonly sort: readonly { readonly id: string; readonly isDescending: boolean }[];
  readonly groupBy: string | undefined;
  /** Keys of groups. */
  readonly collapsed: readonly string[];
  /** In order. Undefined: the default columns. */
  readonly columns: readonly ShownColumn[] | undefined;
}

export const firstState: TableState = {
  filter: "",
  sort: [],
  groupBy: undefined,
  collapsed: [],
  columns: undefined,
};

/** Pixels of a column. */
const narrowest = 40;
const widest = 2_000;
/** Maximum numbers of visible columns, sort keys, and collapsed groups. */
const mostColumns = 1_000;
const mostSortKeys = 8;
const mostCollapsed = 1_000;

const columnId = z.string().max(10_000);

export const shownColumns = z
  .array(z.object({ id: columnId, width: z.number().min(narrowest).max(widest), isPinned: z.boolean() }))
  .max(mostColumns);

const kept = z.object({
  filter: z.string().max(10_000),
  sort: z.array(z.object({ id: columnId, isDescending: z.boolean() })).max(mostSortKeys),
  groupBy: columnId.optional(),
  collapsed: z.array(z.string()).max(mostCollapsed),
  columns: shownColumns.optional(),
});

/** Validates the stored state; the initial state if missing or invalid. */
export function readTableState(value: unknown): TableState {
  const read = kept.safeParse(value).data;
  if (!read) return firstState;
  return { ...read, groupBy: read.groupBy, columns: read.columns };
}

/** Cycles sorting by this column: ascending, descending, none; in addition to other keys, or instead of them. */
export function sortedBy({ sort }: TableState, id: string, isAdded: boolean): TableState["sort"] {
  const present = sort.find((key) => key.id === id);
  const next = !present
    ? { id, isDescending: false }
    : present.isDescending
      ? undefined
      : { id, isDescending: true };
  if (!isAdded) return next ? [next] : [];
  const others = sort.map((key) => (key.id === id ? next : key)).filter((key) => key !== undefined);
  return present || !next ? others : [...others, next].slice(0, mostSortKeys);
}

/** Expands or collapses a group. */
export function toggled({ collapsed }: TableState, key: string): TableState["collapsed"] {
  if (collapsed.includes(key)) return collapsed.filter((one) => one !== key);
  return [...collapsed, key].slice(-mostCollapsed);
}
