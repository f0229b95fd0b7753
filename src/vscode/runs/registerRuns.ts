import * as vscode from "vscode";
import { madeOnce } from "../../common/async/madeOnce.js";
import type { RunWatch } from "../../runs/watch/runWatch.js";
import { chartCommandIds, runCommandIds, runItemCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { canBeHost } from "../../ssh/model/thisMachine.js";
import { chartsPanelType, stateContextKeys } from "../kit/viewIds.js";
import { createRunFileSystem } from "./runFileSystem.js";
import { registerRunsTree, type RunsTree } from "./runsTree.js";
import { runScheme } from "../runKit/runUris.js";

/** Registers the view, the file system and the commands for runs on this machine. */
export function registerRuns(
  ui: Ui,
  watch: () => Promise<RunWatch>,
  { subscriptions, workspaceState }: Pick<vscode.ExtensionContext, "subscriptions" | "workspaceState">,
): RunsTree {
  void vscode.commands.executeCommand("setContext", stateContextKeys.canBeHost, canBeHost(process.platform));
  const tree = registerRunsTree(ui.app, watch, workspaceState);
  const files = createRunFileSystem(ui.app);
  const openLogs = madeOnce(async () => {
    const [app, { createTailLogs }] = await Promise.all([ui.app(), import("../runLogs/tailLogs.js")]);
    const made = createTailLogs(app);
    subscriptions.push(made);
    return made;
  });
  const chartPanels = madeOnce(async () => {
    const [app, { createChartPanels }] = await Promise.all([ui.app(), import("../charts/chartPanels.js")]);
    return createChartPanels(ui, app);
  });
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
    registerLate(ui, chartCommandIds, async () =>
      (await import("../charts/chartCommands.js")).chartCommandHandlers(chartPanels),
    ),
    registerLate(ui, runItemCommandIds, async () =>
      (await import("./runItemCommands.js")).runItemHandlers(tree, openLogs),
    ),
    registerLate(ui, runCommandIds, async () =>
      (await import("./runCommands.js")).runCommandHandlers(ui, tree, openLogs, chartPanels),
    ),
  );
  return tree;
}
