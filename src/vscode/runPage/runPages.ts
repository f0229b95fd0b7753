import * as l10n from "@vscode/l10n";
import type * as vscode from "vscode";
import { keyOfName } from "../../runs/runName.js";
import { namesAmong } from "../../runs/runNames.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Ui } from "../kit/ui.js";
import { runPanelType } from "../kit/viewIds.js";
import { createPages } from "../page/pages.js";
import { runLabel } from "../runKit/runWords.js";
import { driveRunPage, type RunPageServices } from "./driveRunPage.js";
import { type FromRunPage, readFromRunPage, readShownRun } from "./fromRunPage.js";
import type { ShownRun, ToRunPage } from "./toRunPage.js";

/** The pages of runs, one for each. */
export interface RunPages {
  open(run: Run, column?: vscode.ViewColumn): Promise<void>;
  /** Takes over a panel that VS Code restored; closes it if its run is unknown. */
  restore(panel: vscode.WebviewPanel, state: unknown): void;
}

export function createRunPages(ui: Pick<Ui, "extensionUri">, services: RunPageServices): RunPages {
  const pages = createPages<ShownRun & { readonly title: string }, FromRunPage, ToRunPage>(ui, {
    viewType: runPanelType,
    name: "run",
    holdsPictures: true,
    titleOf: ({ title }) => title,
    keyOf: keyOfName,
    readMessage: readFromRunPage,
    drive: (page, { syncId, id, inFolder }) => driveRunPage(page, services, { syncId, id, inFolder }),
  });
  return {
    open: async (run, column) => {
      const nameOf = namesAmong(await services.syncs.runs(run.syncId));
      pages.open({ ...nameOf(run), title: runLabel(run) }, column);
    },
    restore: (panel, state) => {
      const shown = readShownRun(state);
      if (shown) pages.adopt(panel, { ...shown, title: panel.title || l10n.t("Run") });
      else panel.dispose();
    },
  };
}
