import * as vscode from "vscode";
import { runCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { chartsPanelType } from "../kit/viewIds.js";
import type { ChartPanels } from "./chartPanels.js";
import { createRunFileSystem } from "./runFileSystem.js";
import { registerRunsTree, type RunsTree } from "./runsTree.js";
import { runScheme } from "./runUris.js";
import type { TailLogs } from "./tailLogs.js";

/** Everything about runs on this machine: the view, the file system, the commands. */
export function registerRuns(ui: Ui, subscriptions: vscode.Disposable[]): RunsTree {
  const tree = registerRunsTree(ui.app);
  const files = createRunFileSystem(ui.app);
  let logs: Promise<TailLogs> | undefined;
  const openLogs = (): Promise<TailLogs> =>
    (logs ??= Promise.all([ui.app(), import("./tailLogs.js")]).then(([app, { createTailLogs }]) => {
      const made = createTailLogs(app);
      subscriptions.push(made);
      return made;
    }));
  let charts: Promise<ChartPanels> | undefined;
  const chartPanels = (): Promise<ChartPanels> =>
    (charts ??= Promise.all([ui.app(), import("./chartPanels.js")]).then(([app, { createChartPanels }]) =>
      createChartPanels(ui, app),
    ));
  subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(chartsPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await chartPanels()).restore(panel, state),
    }),
    tree,
    files,
    vscode.workspace.registerFileSystemProvider(runScheme, files, {
      isReadonly: true,
      isCaseSensitive: true,
    }),
    registerLate(ui, runCommandIds, async () =>
      (await import("./runCommands.js")).runCommandHandlers(ui, tree, openLogs, chartPanels),
    ),
  );
  return tree;
}
