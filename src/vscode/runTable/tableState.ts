import * as z from "zod";

/** A column as somebody arranged it. */
export interface ShownColumn {
  readonly id: string;
  /** Pixels. */
  readonly width: number;
  readonly isPinned: boolean;
}

/** How somebody looks at the table: what is kept in the workspace. */
export interface TableState {
  readonly filter: string;
  readonly sort: readonly { readonly id: string; readonly isDescending: boolean }[];
  readonly groupBy: string | undefined;
  /** Keys of groups. */
  readonly collapsed: readonly string[];
  /** In their order. Undefined: those that tell most. */
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
/** Columns that are shown, keys that are sorted by, groups that are remembered as collapsed. */
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

/** What was kept of a table; the first look at it where that is nothing or is not understood. */
export function readTableState(value: unknown): TableState {
  const read = kept.safeParse(value).data;
  if (!read) return firstState;
  return { ...read, groupBy: read.groupBy, columns: read.columns };
}

/** Sorts by this column: first up, then down, then no more; beside the others, or instead of them. */
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

/** Shows the rows of a group or hides them. */
export function toggled({ collapsed }: TableState, key: string): TableState["collapsed"] {
  if (collapsed.includes(key)) return collapsed.filter((one) => one !== key);
  return [...collapsed, key].slice(-mostCollapsed);
}
