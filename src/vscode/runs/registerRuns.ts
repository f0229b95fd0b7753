import * as vscode from "vscode";
import type { Ui } from "../ui.js";
import { registerRunCommands } from "./runCommands.js";
import { createRunFileSystem } from "./runFileSystem.js";
import { registerRunsTree, type RunsTree } from "./runsTree.js";
import { runScheme } from "./runUris.js";
import { createTailLogs, type TailLogs } from "./tailLogs.js";

/** Everything about runs on this machine: the view, the file system, the commands. */
export function registerRuns(ui: Ui, subscriptions: vscode.Disposable[]): RunsTree {
  const tree = registerRunsTree(ui.app);
  const files = createRunFileSystem(ui.app);
  let logs: Promise<TailLogs> | undefined;
  const openLogs = (): Promise<TailLogs> =>
    (logs ??= ui.app().then((app) => {
      const made = createTailLogs(app);
      subscriptions.push(made);
      return made;
    }));
  subscriptions.push(
    tree,
    files,
    vscode.workspace.registerFileSystemProvider(runScheme, files, {
      isReadonly: true,
      isCaseSensitive: true,
    }),
    registerRunCommands(ui, tree, openLogs),
  );
  return tree;
}
