import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { registerTree } from "../kit/treeView.js";
import { loadedContextKey, stateContextKeys, viewIds } from "../kit/viewIds.js";
import type { Arrangement } from "./arrangeRuns.js";
import type { RunNode } from "./runNodes.js";

/** The view of copied runs: host, project or path, run, its files. */
export interface RunsTree extends Disposable {
  arrangement: Arrangement;
  readonly visible: boolean;
  /** The item that is selected. */
  readonly selected: RunNode | undefined;
  refresh(): void;
}

/** Milliseconds in which several changes are shown as one: a mirror changes many times a second. */
const calm = 250;
/** Milliseconds after which ages are written anew. */
const ageing = 60_000;

export function registerRunsTree(app: () => Promise<App>): RunsTree {
  const changed = new vscode.EventEmitter<void>();
  let arrangement: Arrangement = { filter: "", order: "newest" };
  let timer: NodeJS.Timeout | undefined;
  let listening: Disposable | undefined;
  const refreshSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire();
    }, calm);
  };
  const ages = setInterval(() => {
    if (view.visible) changed.fire();
  }, ageing);

  const load = async (): Promise<RunNode[]> => {
    const [{ syncs }, { syncNode }] = await Promise.all([app(), import("./runNodes.js")]);
    listening ??= syncs.onDidChange(refreshSoon);
    const nodes = await Promise.all((await syncs.list()).map((sync) => syncNode(syncs, sync, arrangement)));
    void vscode.commands.executeCommand("setContext", loadedContextKey, true);
    return nodes;
  };
  const view = registerTree(viewIds.runs, load, changed.event, {
    canSelectMany: true,
    showCollapseAll: true,
  });

  return {
    get arrangement() {
      return arrangement;
    },
    set arrangement(wanted) {
      arrangement = wanted;
      void vscode.commands.executeCommand("setContext", stateContextKeys.isFiltered, wanted.filter !== "");
      view.description = wanted.filter === "" ? "" : l10n.t("filter: {0}", wanted.filter);
      changed.fire();
    },
    get visible() {
      return view.visible;
    },
    get selected() {
      return view.selection[0];
    },
    refresh: () => changed.fire(),
    dispose: () => {
      clearInterval(ages);
      clearTimeout(timer);
      listening?.dispose();
      view.dispose();
      changed.dispose();
    },
  };
}
