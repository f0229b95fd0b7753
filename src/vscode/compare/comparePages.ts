import * as l10n from "@vscode/l10n";
import type * as vscode from "vscode";
import { keyOfName } from "../../runs/runName.js";
import { namesAmong } from "../../runs/runNames.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { KeptRun } from "../charts/chartMessages.js";
import type { Ui } from "../kit/ui.js";
import { comparePanelType } from "../kit/viewIds.js";
import { createPages } from "../page/pages.js";
import { type CompareServices, driveCompare } from "./driveCompare.js";
import { type FromComparePage, readComparedRuns, readFromComparePage } from "./fromComparePage.js";
import type { ToComparePage } from "./toComparePage.js";

/** The pages that compare runs, one for each set of runs. */
export interface ComparePages {
  open(runs: readonly Run[]): Promise<void>;
  /** Takes over a panel that VS Code restored; closes it if its runs are unknown. */
  restore(panel: vscode.WebviewPanel, state: unknown): void;
}

export function createComparePages(ui: Pick<Ui, "extensionUri">, services: CompareServices): ComparePages {
  const pages = createPages<readonly KeptRun[], FromComparePage, ToComparePage>(ui, {
    viewType: comparePanelType,
    name: "compare",
    titleOf: ({ length }) => l10n.t("Compare {0} runs", length),
    keyOf: (runs) => JSON.stringify(runs.map(keyOfName).sort()),
    readMessage: readFromComparePage,
    drive: (page, runs) => driveCompare(page, services, runs),
  });
  return {
    open: async (runs) => pages.open(runs.map(namesAmong(await services.syncs.runs()))),
    restore: (panel, state) => {
      const runs = readComparedRuns(state);
      if (runs.length > 0) pages.adopt(panel, runs);
      else panel.dispose();
    },
  };
}
