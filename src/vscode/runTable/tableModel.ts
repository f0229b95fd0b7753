import * as l10n from "@vscode/l10n";
import type { Run } from "../../sync/runIndex/runs.js";
import type { RunColumn, RunTable } from "../../runs/runTable.js";
import { completeQuery } from "../../runs/query/completeQuery.js";
import { defaultColumns } from "../../runs/view/columnFacts.js";
import { createRunLines, holdLines, type Look, type RunLines } from "../../runs/view/runLines.js";
import { shortText, type ValueText } from "../../runs/view/valueText.js";
import { columnDetail, columnTitle, figureTitle, labelColumnId, withLabels } from "./columnWords.js";
import type { FromRunTablePage } from "./fromRunTablePage.js";
import { problemText } from "./problemWords.js";
import { createSelection } from "./runSelection.js";
import { rowsOf } from "./tableRows.js";
import { type ShownColumn, sortedBy, type TableState, toggled } from "./tableState.js";
import type { ColumnChoice, ColumnHead, ToRunTablePage } from "./toRunTablePage.js";

type Message<K extends ToRunTablePage["kind"]> = Extract<ToRunTablePage, { kind: K }>;
type Asked<K extends FromRunTablePage["kind"]> = Extract<FromRunTablePage, { kind: K }>;

/** The run table of one page. Independent of VS Code, and of where runs come from. */
export interface TableModel {
  readonly state: TableState;
  /** Sets a later table. While the user is reading, lines keep their order. */
  setTable(table: RunTable, hasCopies: boolean): void;
  /** Sets whether rows must not move. */
  setReading(isReading: boolean): void;
  /** Sorts, filters and groups again. */
  renew(): void;
  filter(text: string): void;
  sort(asked: Asked<"sort">): void;
  group(column: string | undefined): void;
  toggle(line: number): void;
  setColumns(columns: readonly ShownColumn[] | undefined): void;
  toggleColumn(id: string): void;
  select(asked: Asked<"select">): void;
  lines(): Message<"lines">;
  rows(asked: Asked<"rows">): Message<"rows">;
  completions(asked: Asked<"complete">): Message<"completions">;
  choices(asked: Asked<"choices">): Message<"choices">;
  /** The selected runs in the order of the table, or else the run in this line. */
  chosen(line: number | undefined): readonly Run[];
  shownColumns(): readonly RunColumn[];
  readonly table: RunTable;
}

export interface TableModelOptions {
  readonly state: TableState;
  readonly valueText: ValueText;
  /** Seconds since the epoch. */
  readonly now: () => number;
  /** The state to store has changed. */
  readonly onState: (state: TableState) => void;
}

/** Default width of a column, in pixels. */
const usualWidth = 110;
const labelWidth = 180;
const widthOf = ({ id, kind, name }: RunColumn): number => {
  if (id === labelColumnId) return labelWidth;
  return kind === "time" ? 140 : Math.max(usualWidth, Math.min(200, 50 + 8 * name.length));
};

const noRow = (): never => {
  throw new RangeError("an empty table has no rows");
};
const emptyTable: RunTable = {
  version: -1,
  count: 0,
  unread: 0,
  leftOut: { runs: 0, columns: 0, values: 0 },
  columns: new Map(),
  runAt: noRow,
  rowOf: () => undefined,
  nameAt: noRow,
  unreadLines: noRow,
};

/** Maximum number of columns to choose from in one message. */
const mostChoices = 200;

// eslint-disable-next-line max-lines-per-function -- the parts of one state, which they all read
export function createTableModel({ valueText, now, onState, ...options }: TableModelOptions): TableModel {
  let { state } = options;
  let [table, hasCopies, isReading] = [emptyTable, false, false];
  let lines: RunLines = createRunLines(table, lookOf(), now());
  let [revision, fresh, isStale] = [0, 0, false];
  /** The default columns, which do not change while the table is open. */
  let usual: readonly string[] = [];
  const selection = createSelection();

  function lookOf(): Look {
    const { filter, sort, groupBy, collapsed } = state;
    return { filter, sort, groupBy, collapsed: new Set(collapsed) };
  }
  function arrange(): void {
    lines = createRunLines(table, lookOf(), now());
    [revision, fresh, isStale] = [revision + 1, 0, false];
  }
  function change(changes: Partial<TableState>): void {
    state = { ...state, ...changes };
    onState(state);
  }
  /** Collapses or expands groups, without changing the order. */
  function refold(): void {
    const held = holdLines(lines, table, lookOf(), now());
    [lines, fresh, isStale] = [held.lines, held.fresh, held.isStale];
    revision += 1;
  }
  function chosenColumns(): readonly ShownColumn[] {
    if (state.columns) return state.columns;
    return usual.flatMap((id) => {
      const column = table.columns.get(id);
      return column
        ? [{ id, width: widthOf(column), isPinned: id === labelColumnId || id === "run.status" }]
        : [];
    });
  }
  function shown(): readonly (ShownColumn & { readonly column: RunColumn })[] {
    const present = chosenColumns().flatMap((one) => {
      const column = table.columns.get(one.id);
      return column ? [{ ...one, column }] : [];
    });
    return [...present.filter(({ isPinned }) => isPinned), ...present.filter(({ isPinned }) => !isPinned)];
  }
  function head({ column, width, isPinned }: ReturnType<typeof shown>[number]): ColumnHead {
    const at = state.sort.findIndex(({ id }) => id === column.id);
    const sort = state.sort[at];
    return {
      id: column.id,
      title: columnTitle(column),
      figure: figureTitle(column.figure),
      detail: columnDetail(column),
      isNumber: column.kind !== "text" && column.kind !== "time",
      width,
      isPinned,
      sort: sort && (sort.isDescending ? "descending" : "ascending"),
      sortPlace: state.sort.length > 1 ? at + 1 : 0,
    };
  }
  const choiceOf = (column: RunColumn, isShown: boolean): ColumnChoice => ({
    id: column.id,
    title: [columnTitle(column), figureTitle(column.figure)].filter(Boolean).join(" · "),
    detail: columnDetail(column),
    isShown,
    isGroup: state.groupBy === column.id,
  });

  return {
    get state() {
      return state;
    },
    get table() {
      return table;
    },
    setTable: (next, copies) => {
      hasCopies = copies;
      const later = withLabels(next);
      const wasEmpty = table.count === 0;
      if (isReading && !wasEmpty) {
        const held = holdLines(lines, later, lookOf(), now());
        // Removed lines move others; changed values do not.
        if (held.lines.count !== lines.count) revision += 1;
        [table, lines, fresh, isStale] = [later, held.lines, held.fresh, held.isStale];
      } else {
        table = later;
        arrange();
      }
      if (wasEmpty) usual = defaultColumns(table);
      selection.keepOnly((name) => table.rowOf(name) !== undefined);
    },
    setReading: (reading) => (isReading = reading),
    renew: arrange,
    filter: (text) => {
      change({ filter: text });
      arrange();
    },
    sort: ({ column, isAdded, isDescending }) => {
      const direct = isDescending === undefined ? undefined : [{ id: column, isDescending }];
      change({ sort: direct ?? sortedBy(state, column, isAdded) });
      arrange();
    },
    group: (column) => {
      change({ groupBy: column, collapsed: [] });
      arrange();
    },
    toggle: (line) => {
      const at = lines.at(line);
      if (at?.kind !== "group") return;
      change({ collapsed: toggled(state, at.group.key) });
      refold();
    },
    setColumns: (columns) => {
      change({ columns });
      if (!columns) usual = defaultColumns(table);
    },
    toggleColumn: (id) => {
      const present = chosenColumns();
      const column = table.columns.get(id);
      if (present.some((one) => one.id === id)) change({ columns: present.filter((one) => one.id !== id) });
      else if (column) change({ columns: [...present, { id, width: widthOf(column), isPinned: false }] });
    },
    select: ({ how, line }) => selection.select(how, line, lines),
    lines: () => ({
      kind: "lines",
      revision,
      count: lines.count,
      runs: lines.rows.length,
      total: table.count,
      selected: selection.size,
      fresh,
      isStale,
      hasCopies,
      problems: lines.problems.map((problem) => ({
        from: problem.from,
        to: problem.to,
        message: problemText(problem),
      })),
      columns: shown().map(head),
      groupBy: groupTitle(table, state),
      notice: noticeText(table),
    }),
    rows: (asked) => ({ kind: "rows", revision, ...rowsOf({ lines, asked, selection, valueText, state }) }),
    completions: ({ request, text, cursor }) => {
      const { from, to, items } = completeQuery(text, cursor, table);
      const told = items.map(({ insert, label, count, column: id }) => {
        const column = id === undefined ? undefined : table.columns.get(id);
        const detail = column ? columnDetail(column) : count ? String(count) : "";
        return { insert, label: shortText(label, 100), detail };
      });
      return { kind: "completions", request, from, to, items: told };
    },
    choices: ({ request, search }) => {
      const wanted = search.trim().toLowerCase();
      const shownIds = new Set(chosenColumns().map(({ id }) => id));
      const found = [...table.columns.values()].filter(
        (column) =>
          (column.group !== "run" || column.filled > 0 || shownIds.has(column.id)) &&
          `${columnTitle(column)} ${column.id}`.toLowerCase().includes(wanted),
      );
      const inOrder = [
        ...found.filter(({ id }) => shownIds.has(id)),
        ...found.filter(({ id }) => !shownIds.has(id)),
      ];
      const items = inOrder.slice(0, mostChoices).map((column) => choiceOf(column, shownIds.has(column.id)));
      return { kind: "choices", request, total: found.length, items };
    },
    chosen: (line) => {
      const seen = [...lines.rows].filter((row) => selection.has(table.nameAt(row)));
      // Runs that the filter hides stay selected.
      const rows = new Set([...seen, ...selection.names.flatMap((name) => table.rowOf(name) ?? [])]);
      if (rows.size > 0) return [...rows].map((row) => table.runAt(row));
      const at = line === undefined ? undefined : lines.at(line);
      if (at?.kind === "run") return [table.runAt(at.row)];
      return at ? [...at.group.rows].map((row) => table.runAt(row)) : [];
    },
    shownColumns: () => shown().map(({ column }) => column),
  };
}

/** The notice about values that are missing in the table. */
function noticeText({ unread, leftOut: { runs, columns, values } }: RunTable): string {
  return [
    ...(unread > 0 ? [l10n.t("Values of these runs are still being read: {0}", unread)] : []),
    ...(runs > 0 ? [l10n.t("Older runs that are not listed: {0}", runs)] : []),
    ...(columns > 0 ? [l10n.t("Columns that few runs have, left out: {0}", columns)] : []),
    ...(values > 0
      ? [l10n.t("Values that are too many or have very long names, left out: {0}", values)]
      : []),
  ].join(" · ");
}

function groupTitle({ columns }: RunTable, { groupBy }: TableState): string {
  const column = groupBy === undefined ? undefined : columns.get(groupBy);
  return column ? columnTitle(column) : "";
}
