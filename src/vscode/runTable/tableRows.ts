import * as l10n from "@vscode/l10n";
import type { RunColumn } from "../../runs/runTable.js";
import { bestRowOf } from "../../runs/view/columnFacts.js";
import { figuresOf, type RowGroup } from "../../runs/view/groupRows.js";
import type { RunLines } from "../../runs/view/runLines.js";
import { numberText, type ValueText } from "../../runs/view/valueText.js";
import { statusText } from "../runKit/runWords.js";
import { columnTitle, labelColumnId } from "./columnWords.js";
import type { RunSelection } from "./runSelection.js";
import type { TableState } from "./tableState.js";
import type { TableRow } from "./toRunTablePage.js";

/** Maximum number of lines in one message, and UTF-16 units of their texts: keeps messages below 1 MiB. */
const mostRows = 200;
const mostUnits = 200_000;

interface Sources {
  readonly lines: RunLines;
  readonly asked: { readonly from: number; readonly to: number; readonly columns: readonly string[] };
  readonly selection: Pick<RunSelection, "has">;
  readonly valueText: ValueText;
  readonly state: Pick<TableState, "groupBy">;
}

/** Cache of the best row of each column, for the same lines. */
const bests = new WeakMap<RunLines, Map<string, number | undefined>>();

/** The requested rows and columns; fewer if they are too large. */
export function rowsOf({ lines, asked, selection, valueText, state }: Sources): {
  readonly from: number;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
} {
  const { from, columns: ids } = asked;
  const columns = ids.map((id) => lines.table.columns.get(id));
  const rows: TableRow[] = [];
  const to = Math.min(asked.to, from + mostRows, lines.count);
  for (let [line, units] = [from, 0]; line < to && units < mostUnits; line += 1) {
    const found = lines.at(line);
    if (!found) break;
    const row =
      found.kind === "group"
        ? groupRow(found.group, found.isCollapsed, columns, { lines, valueText, state })
        : runRow(found.row, columns, { lines, selection, valueText });
    rows.push(row);
    units += row.cells.reduce((sum, cell) => sum + cell.length + 3, 50);
  }
  return { from, columns: ids, rows };
}

type Columns = readonly (RunColumn | undefined)[];

function runRow(
  row: number,
  columns: Columns,
  { lines, selection, valueText }: Pick<Sources, "lines" | "selection" | "valueText">,
): TableRow {
  const { table } = lines;
  const { status } = table.runAt(row);
  const best: number[] = [];
  const cells = columns.map((column, at) => {
    if (!column) return "";
    if (column.id === "run.status") return statusText(status);
    if (column.better && bestIn(lines, column) === row) best.push(at);
    return valueText(column.at(row), column.kind);
  });
  return { kind: "run", cells, best, status, isSelected: selection.has(table.nameAt(row)) };
}

function bestIn(lines: RunLines, column: RunColumn): number | undefined {
  const known = bests.get(lines) ?? new Map<string, number | undefined>();
  bests.set(lines, known);
  if (!known.has(column.id)) known.set(column.id, bestRowOf(column, lines.rows));
  return known.get(column.id);
}

function groupRow(
  group: RowGroup,
  isCollapsed: boolean,
  columns: Columns,
  { lines, valueText, state }: Pick<Sources, "lines" | "valueText" | "state">,
): TableRow {
  const by = state.groupBy === undefined ? undefined : lines.table.columns.get(state.groupBy);
  const value =
    by?.id === "run.status" ? statusText(String(group.value)) : valueText(group.value, by?.kind ?? "text");
  const name = by ? columnTitle(by) : "";
  const count = group.rows.length === 1 ? l10n.t("1 run") : l10n.t("{0} runs", group.rows.length);
  const title = group.value === undefined ? l10n.t("without {0}", name) : l10n.t("{0}: {1}", name, value);
  const cells = columns.map((column) => {
    if (!column || column.id === labelColumnId || column.kind === "time" || column === by) return "";
    return figuresText(group, column, valueText);
  });
  return { kind: "group", title: `${title} · ${count}`, isCollapsed, cells };
}

/** The best value, or the mean if the column has no mode, and the spread. */
function figuresText({ rows }: RowGroup, column: RunColumn, valueText: ValueText): string {
  const figures = figuresOf(rows, column);
  if (!figures) return "";
  const { best, mean, deviation, count, min, max } = figures;
  if (min === max && best === undefined) return valueText(min, column.kind);
  if (column.kind !== "number") return `${valueText(min, column.kind)} – ${valueText(max, column.kind)}`;
  const short = (value: number): string => numberText(Number(value.toPrecision(3)));
  const spread = count > 1 ? `${short(mean)} ± ${short(deviation)}` : "";
  return best === undefined
    ? spread
    : [l10n.t("best {0}", numberText(best)), spread].filter(Boolean).join(" · ");
}
