import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { runCommandIds } from "../kit/commandIds.js";
import { reporting } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { runTablePanelType } from "../kit/viewIds.js";
import { createPages } from "../page/pages.js";
import { actOnRuns } from "./actOnRuns.js";
import { type DrivenTable, driveRunTable } from "./driveRunTable.js";
import { type FromRunTablePage, readFromRunTablePage } from "./fromRunTablePage.js";
import { readTableState } from "./tableState.js";
import type { ToRunTablePage } from "./toRunTablePage.js";

/** The tab with the run table; there is at most one. */
export interface RunTablePanel {
  /** @param filter undefined: keep the last one. */
  show(filter: string | undefined): Promise<void>;
  /** Takes over a tab that VS Code restored. */
  restore(panel: vscode.WebviewPanel): void;
}

/** Key of its state in the workspace storage. */
const stateKey = "runicorn.runTable";

export function createRunTablePanel(ui: Ui, app: App, memento: vscode.Memento): RunTablePanel {
  let open: DrivenTable | undefined;
  const pages = createPages<undefined, FromRunTablePage, ToRunTablePage>(ui, {
    viewType: runTablePanelType,
    name: "table",
    titleOf: () => l10n.t("Run Table"),
    keyOf: () => "",
    readMessage: readFromRunTablePage,
    drive: (page) => {
      const driven = driveRunTable(page, {
        app,
        state: readTableState(memento.get(stateKey)),
        keep: (state) => void memento.update(stateKey, state),
        act: (action, model, line) => reporting(ui, () => actOnRuns(action, model, line)),
        syncRuns: async () => vscode.commands.executeCommand(runCommandIds.syncRuns),
        onError: (error) =>
          void reporting(ui, () => {
            throw error;
          }),
      });
      open = driven;
      return {
        dispose: () => {
          driven.dispose();
          if (open === driven) open = undefined;
        },
      };
    },
  });
  return {
    show: async (filter) => {
      if (filter !== undefined && open) open.filter(filter);
      else if (filter !== undefined)
        await memento.update(stateKey, { ...readTableState(memento.get(stateKey)), filter });
      pages.open(undefined);
    },
    restore: (panel) => pages.adopt(panel, undefined),
  };
}
