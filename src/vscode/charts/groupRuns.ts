import * as l10n from "@vscode/l10n";
import type { RunGroup } from "../../charts/chart.js";
import { displayText } from "../../common/text/displayText.js";
import { exactName } from "../../runs/runNames.js";
import type { RunTable } from "../../runs/runTable.js";
import type { Run } from "../../sync/runIndex/runs.js";

/** What puts runs into groups: a parameter, or a column of a table. */
export interface ChartGrouping {
  /** What pages keep of it. */
  readonly id: string;
  readonly label: string;
  /** In the order of the runs; undefined: in no group. */
  readonly values: readonly (string | undefined)[];
}

/** Groups of one kind: of more values the rarest are one group together. */
const mostGroups = 100;
/** Columns by which runs can be put into groups. */
const mostGroupings = 200;
/** Characters of a group's name. */
const longestLabel = 120;

/** By what every run can be put into groups, as far as they differ in it. */
export function ownGroupings(runs: readonly Run[]): readonly ChartGrouping[] {
  const all: readonly ChartGrouping[] = [
    { id: "run.path", label: l10n.t("Path"), values: runs.map(({ path }) => path || undefined) },
    { id: "run.status", label: l10n.t("Status"), values: runs.map(({ status }) => status) },
    { id: "run.hostname", label: l10n.t("Host"), values: runs.map(({ hostname }) => hostname) },
    {
      id: "run.tags",
      label: l10n.t("Tags"),
      values: runs.map(({ tags }) => [...tags].sort().join(", ") || undefined),
    },
  ];
  return all.filter(({ values }) => values.some((value) => value !== undefined));
}

/** Values of one column that are worth groups: of more each run is nearly alone. */
const mostValues = 50;

/** By which parameters and figures of a table some of its runs can be put into groups, as far as they differ in them. */
export function tableGroupings(table: RunTable, runs: readonly Run[]): readonly ChartGrouping[] {
  // One that was moved since is still the same.
  const rows = runs.map(
    (run) => table.rowOf(exactName(run)) ?? table.rowOf({ syncId: run.syncId, id: run.id }),
  );
  const found: ChartGrouping[] = [];
  for (const column of table.columns.values()) {
    const { id, group, name } = column;
    if (group !== "parameter" && group !== "environment") continue;
    const values = rows.map((row) => (row === undefined ? undefined : column.at(row)));
    const distinct = new Set(values.filter((_, run) => rows[run] !== undefined));
    if (distinct.size < 2 || distinct.size > mostValues) continue;
    found.push({
      id,
      label: name,
      values: values.map((value) => (value === undefined ? undefined : String(value))),
    });
    if (found.length === mostGroupings) break;
  }
  return found;
}

/** The groups, those with most runs first. */
export function groupsBy({ values }: Pick<ChartGrouping, "values">): readonly RunGroup[] {
  const byValue = new Map<string | undefined, number[]>();
  values.forEach((value, run) => {
    const present = byValue.get(value);
    if (present) present.push(run);
    else byValue.set(value, [run]);
  });
  const all = [...byValue].sort(([, one], [, other]) => other.length - one.length);
  const shown = all.slice(0, mostGroups).map(([value, runs]) => ({ label: labelOf(value), runs }));
  const rest = all.slice(mostGroups);
  if (rest.length === 0) return shown;
  const label = l10n.t("{0} other values", rest.length);
  return [...shown, { label, runs: rest.flatMap(([, runs]) => runs) }];
}

function labelOf(value: string | undefined): string {
  if (value === undefined) return l10n.t("no value");
  const text = displayText(value);
  return text.length > longestLabel ? `${text.slice(0, longestLabel)}…` : text;
}
