import * as l10n from "@vscode/l10n";
import type { MetricFigure, RunColumn, RunTable } from "../../runs/runTable.js";
import { shortText } from "../../runs/view/valueText.js";
import { runLabel } from "../runKit/runWords.js";

/** Maximum length of a column's name in its heading, in UTF-16 units. */
const longestTitle = 80;

/** The column with the label of each run. */
export const labelColumnId = "run.label";

/** Adds a column with the labels of runs to a table. */
export function withLabels(table: RunTable): RunTable {
  const label: RunColumn = {
    id: labelColumnId,
    group: "run",
    name: "run",
    figure: undefined,
    kind: "text",
    better: undefined,
    filled: table.count,
    at: (row) => runLabel(table.runAt(row)),
  };
  return {
    version: table.version,
    count: table.count,
    unread: table.unread,
    leftOut: table.leftOut,
    columns: new Map([[label.id, label], ...table.columns]),
    runAt: (row) => table.runAt(row),
    rowOf: (run) => table.rowOf(run),
    nameAt: (row) => table.nameAt(row),
    unreadLines: (row) => table.unreadLines(row),
  };
}

/** The heading of a property of every run. */
function runTitle(name: string): string {
  switch (name) {
    case "run":
      return l10n.t("Run");
    case "status":
      return l10n.t("Status");
    case "id":
      return l10n.t("Run ID");
    case "name":
      return l10n.t("Name");
    case "alias":
      return l10n.t("Alias");
    case "path":
      return l10n.t("Group");
    case "project":
      return l10n.t("Project");
    case "host":
      return l10n.t("Host");
    case "root":
      return l10n.t("Storage Root");
    case "machine":
      return l10n.t("Machine");
    case "tags":
      return l10n.t("Tags");
    case "created":
      return l10n.t("Created");
    case "started":
      return l10n.t("Started");
    case "ended":
      return l10n.t({ message: "Ended", comment: ["The time of the end"] });
    case "duration":
      return l10n.t("Duration");
    case "size":
      return l10n.t("Size");
    case "note":
      return l10n.t("Note");
    case "branch":
      return l10n.t("Git Branch");
    case "dirty":
      return l10n.t("Uncommitted Changes");
    case "best":
      return l10n.t("Best Value");
    case "bestMetric":
      return l10n.t("Best Metric");
    case "commit":
      return l10n.t("Git Commit");
    default:
      return shortText(name, longestTitle);
  }
}

export function columnTitle({ group, name }: RunColumn): string {
  return group === "run" ? runTitle(name) : shortText(name, longestTitle);
}

export function figureTitle(figure: MetricFigure | undefined): string {
  switch (figure) {
    case "best":
      return l10n.t({ message: "best", comment: ["Which of a metric's values"] });
    case "last":
      return l10n.t({ message: "last", comment: ["Which of a metric's values"] });
    case "min":
      return l10n.t("min");
    case "max":
      return l10n.t("max");
    case undefined:
      return "";
  }
}

/** Describes where the values come from, and which are good. */
export function columnDetail({ group, better }: RunColumn): string {
  const from = {
    run: l10n.t("of every run"),
    parameter: l10n.t("parameter"),
    summary: l10n.t("summary"),
    metric: l10n.t("metric"),
    environment: l10n.t("environment"),
  }[group];
  if (!better) return from;
  return better === "min" ? l10n.t("{0}, lower is better", from) : l10n.t("{0}, higher is better", from);
}
