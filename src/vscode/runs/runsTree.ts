import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/disposable.js";
import { childrenOf } from "../../sync/childrenOf.js";
import type { Run } from "../../sync/runs.js";
import type { Sync } from "../../sync/syncState.js";
import { type Node, registerTree } from "../trees/treeView.js";
import { loadedContextKey, viewIds } from "../viewIds.js";
import { type Arrangement, arrangeRuns, groupRuns } from "./arrangeRuns.js";
import { fileItem, groupItem, runItem, syncItem } from "./runItems.js";

/** What a command receives from the item it was chosen on. */
export type RunNodeData =
  | { readonly kind: "sync"; readonly sync: Sync }
  | { readonly kind: "runGroup"; readonly runs: readonly Run[] }
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "runFile"; readonly syncId: string; readonly path: string };

export type RunNode = Node<RunNodeData>;

/** The view of copied runs: host, project or path, run, its files. */
export interface RunsTree extends Disposable {
  arrangement: Arrangement;
  readonly visible: boolean;
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
    const { syncs } = await app();
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
      view.description = wanted.filter === "" ? "" : l10n.t("filter: {0}", wanted.filter);
      changed.fire();
    },
    get visible() {
      return view.visible;
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

async function syncNode(syncs: App["syncs"], sync: Sync, arrangement: Arrangement): Promise<RunNode> {
  const runs = arrangeRuns(await syncs.runs(sync.id), arrangement);
  const groups = [...groupRuns(runs)].map(([path, members]): RunNode => ({
    item: groupItem(sync.id, path, members.length),
    data: { kind: "runGroup", runs: members },
    children: members.map((run): RunNode => ({
      item: runItem(run),
      data: { kind: "run", run },
      children: () => fileNodes(syncs, sync.id, run.folder),
    })),
  }));
  return { item: syncItem(sync), data: { kind: "sync", sync }, children: groups };
}

async function fileNodes(syncs: App["syncs"], syncId: string, folder: string): Promise<readonly RunNode[]> {
  const entries = childrenOf(await syncs.entries(syncId), folder) ?? [];
  const inOrder = [...entries].sort(
    (a, b) => Number(b.kind === "folder") - Number(a.kind === "folder") || a.path.localeCompare(b.path),
  );
  return inOrder.map((entry) => ({
    item: fileItem(syncId, entry),
    data: { kind: "runFile", syncId, path: entry.path },
    ...(entry.kind === "folder" && { children: () => fileNodes(syncs, syncId, entry.path) }),
  }));
}
