import * as l10n from "@vscode/l10n";
import type { RunGroup } from "../../charts/chart.js";
import { displayText } from "../../common/text/displayText.js";
import { exactName } from "../../runs/runNames.js";
import type { RunTable } from "../../runs/runTable.js";
import type { Run } from "../../sync/runIndex/runs.js";

/** A grouping of runs, by a parameter or a column of a table. */
export interface ChartGrouping {
  /** Stored by pages. */
  readonly id: string;
  readonly label: string;
  /** In the order of the runs; undefined: no value. */
  readonly values: readonly (string | undefined)[];
}

/** Maximum number of groups; rarer values share one group. */
const mostGroups = 100;
/** Maximum number of groupings. */
const mostGroupings = 200;
/** Maximum characters of a group's name. */
const longestLabel = 120;

/** Groupings by properties of every run, if these differ. */
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

/** Maximum number of values of a column for a grouping: with more, groups would be too small. */
const mostValues = 50;

/** Groupings by parameters and figures of a table, if these differ between the runs. */
export function tableGroupings(table: RunTable, runs: readonly Run[]): readonly ChartGrouping[] {
  // A run may have been moved since.
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

/** The groups, largest first. */
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
