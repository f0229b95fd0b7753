import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { RunRecords } from "../../runs/runRecords.js";
import type { ComparePages } from "../compare/comparePages.js";
import { runPageCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { comparePanelType, runPanelType } from "../kit/viewIds.js";
import type { RunsTree } from "../runs/runsTree.js";
import type { ViewerPanels } from "../viewers/viewerPanels.js";
import type { RunPages } from "./runPages.js";

/** Registers the pages of runs and of comparisons, and the commands that open them. */
export function registerRunPages(
  ui: Ui,
  tree: RunsTree,
  viewerPanels: () => Promise<ViewerPanels>,
): vscode.Disposable {
  let [runPages, comparePages]: [Promise<RunPages> | undefined, Promise<ComparePages> | undefined] = [
    undefined,
    undefined,
  ];
  const services = async (): Promise<Pick<App, "syncs"> & { readonly records: RunRecords }> => ui.app();
  const pages = (): Promise<RunPages> =>
    (runPages ??= Promise.all([services(), import("./runPages.js")]).then(([app, { createRunPages }]) =>
      createRunPages(ui, app),
    ));
  const comparisons = (): Promise<ComparePages> =>
    (comparePages ??= Promise.all([services(), import("../compare/comparePages.js")]).then(
      ([app, { createComparePages }]) => createComparePages(ui, app),
    ));
  return vscode.Disposable.from(
    vscode.window.registerWebviewPanelSerializer(runPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await pages()).restore(panel, state),
    }),
    vscode.window.registerWebviewPanelSerializer(comparePanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await comparisons()).restore(panel, state),
    }),
    registerLate(ui, runPageCommandIds, async () =>
      (await import("./runPageCommands.js")).runPageCommandHandlers(ui, {
        tree,
        pages,
        compare: async (runs) => (await comparisons()).open(runs),
        viewerPanels,
      }),
    ),
  );
}
