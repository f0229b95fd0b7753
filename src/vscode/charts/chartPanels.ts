import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { keyOfName } from "../../runs/runName.js";
import { namesAmong, runsByName } from "../../runs/runNames.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { chartsPanelType } from "../kit/viewIds.js";
import type { Ui } from "../kit/ui.js";
import { createPages, type Page } from "../page/pages.js";
import { runLabel } from "../runKit/runWords.js";
import { type FromChartPage, type KeptRun, readFromChartPage, readKeptRuns } from "./chartMessages.js";
import { type ChartSubject, type DrivenCharts, driveCharts } from "./driveCharts.js";
import { tableGroupings } from "./groupRuns.js";
import type { ChartAction, ToChartPage } from "./toChartPage.js";

/** The panels with charts, one for each set of runs. */
export interface ChartPanels {
  /** Shows the metrics of these runs, and updates them. */
  open(runs: readonly Run[]): Promise<void>;
  /** Takes over a panel that VS Code restored. */
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
  /** Runs an action on all charts of the active panel, if any. */
  act(action: ChartAction): Promise<void>;
}

export function createChartPanels(ui: Ui, app: App): ChartPanels {
  const open = new Map<Page<FromChartPage, ToChartPage>, DrivenCharts>();
  const pages = createPages<ChartSubject, FromChartPage, ToChartPage>(ui, {
    viewType: chartsPanelType,
    name: "charts",
    titleOf: ({ runs }) => titleOf(runs),
    keyOf: ({ kept }) => keyOf(kept),
    readMessage: readFromChartPage,
    drive: (page, subject) => {
      const groupings = app.records.table().then((table) => tableGroupings(table, subject.runs));
      const driven = driveCharts(page, app, { ...subject, groupings });
      open.set(page, driven);
      return {
        dispose: () => {
          open.delete(page);
          driven.dispose();
        },
      };
    },
  });
  return {
    open: async (runs) => {
      const nameOf = namesAmong(await app.syncs.runs());
      pages.open({ runs, kept: runs.map(nameOf) });
    },
    restore: async (panel, state) => {
      const kept = readKeptRuns(state);
      const present = runsByName(await app.syncs.runs());
      pages.adopt(panel, { runs: kept.flatMap((name) => present(name) ?? []), kept });
    },
    act: async (action) => {
      // Only a focused webview can copy a picture to the clipboard.
      if (action === "copy-png")
        await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
      for (const [page, driven] of open) if (page.isActive) driven.act(action);
    },
  };
}

/** Identifies a set of runs, in any order. */
function keyOf(runs: readonly KeptRun[]): string {
  return JSON.stringify(runs.map(keyOfName).sort());
}

function titleOf(runs: readonly Run[]): string {
  const [first] = runs;
  return runs.length === 1 && first
    ? l10n.t("Charts of {0}", runLabel(first))
    : l10n.t("Charts of {0} runs", runs.length);
}
