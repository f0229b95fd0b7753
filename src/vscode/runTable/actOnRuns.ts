import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { exactName } from "../../runs/runNames.js";
import type { RunColumn } from "../../runs/runTable.js";
import { createValueText } from "../../runs/view/valueText.js";
import { runCommandIds, runPageCommandIds } from "../kit/commandIds.js";
import { statusText } from "../runKit/runWords.js";
import { columnTitle, figureTitle } from "./columnWords.js";
import { type CopiedValue, csvOf, markdownOf } from "./copyText.js";
import type { RunAction } from "./fromRunTablePage.js";
import type { TableModel } from "./tableModel.js";

/** The commands behind the actions, which take runs like tree items. */
const commands: Readonly<Record<Exclude<RunAction, "markdown" | "csv">, string>> = {
  open: runPageCommandIds.openRun,
  compare: runPageCommandIds.compareRuns,
  charts: runCommandIds.showCharts,
  viewer: runPageCommandIds.openRunInViewer,
};

/** Runs an action on the selected runs, if any. */
export async function actOnRuns(
  action: RunAction,
  model: TableModel,
  line: number | undefined,
): Promise<void> {
  const runs = model.chosen(line);
  if (runs.length === 0) return;
  if (action === "markdown" || action === "csv") {
    await vscode.env.clipboard.writeText(copied(action, model, runs));
    const text = runs.length === 1 ? l10n.t("Copied 1 run.") : l10n.t("Copied {0} runs.", runs.length);
    const unread = unreadLines(model, runs);
    if (unread === 0) void vscode.window.setStatusBarMessage(text, 3_000);
    else
      void vscode.window.showInformationMessage(
        sentences(text, l10n.t("Lines that could not be read, and are left out: {0}", unread)),
      );
    return;
  }
  const nodes = runs.map((run) => ({ data: { kind: "run", run } }));
  await vscode.commands.executeCommand(commands[action], nodes[0], nodes);
}

/** How many lines of the runs could not be read; 0 if no metric column is visible. */
function unreadLines(model: TableModel, runs: readonly Run[]): number {
  const { table } = model;
  if (!model.shownColumns().some(({ group }) => group === "metric")) return 0;
  const rows = runs.flatMap((run) => table.rowOf(exactName(run)) ?? []);
  return rows.reduce((sum, row) => sum + table.unreadLines(row), 0);
}

/** The selected runs with the visible columns, as text. */
function copied(action: "markdown" | "csv", model: TableModel, runs: readonly Run[]): string {
  const { table } = model;
  const columns = model.shownColumns();
  const headings = columns.map((column) =>
    [columnTitle(column), figureTitle(column.figure)].filter(Boolean).join(" "),
  );
  const rows = runs.flatMap((run) => table.rowOf(exactName(run)) ?? []);
  if (action === "csv")
    return csvOf(
      headings,
      rows.map((row) => columns.map((column) => plainValue(column, row))),
    );
  const text = createValueText(vscode.env.language);
  const shown = (column: RunColumn, row: number): string =>
    column.id === "run.status" ? statusText(table.runAt(row).status) : text(column.at(row), column.kind);
  return markdownOf(
    headings,
    rows.map((row) => columns.map((column) => shown(column, row))),
  );
}

/** A value as logged; times in ISO 8601. */
function plainValue(column: RunColumn, row: number): CopiedValue {
  const value = column.at(row);
  const isTime = column.kind === "time" && typeof value === "number" && Math.abs(value) < 8.64e12;
  return isTime ? new Date(value * 1000).toISOString() : value;
}
