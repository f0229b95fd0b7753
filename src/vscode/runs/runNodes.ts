import type { App } from "../../app.js";
import { childrenOf } from "../../sync/manifest/manifest.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Sync } from "../../sync/syncState.js";
import type { Node } from "../kit/treeView.js";
import { type Arrangement, arrangeRuns, groupRuns } from "./arrangeRuns.js";
import {
  fileItem,
  groupItem,
  keptRunsItem,
  leftOutItem,
  noMatchItem,
  recycleBinItem,
  runItem,
  syncItem,
} from "./runItems.js";

/** What a command receives from the item it was chosen on. */
export type RunNodeData =
  | { readonly kind: "sync"; readonly sync: Sync }
  | { readonly kind: "runGroup"; readonly runs: readonly Run[] }
  /** The line that says how many runs are not listed. */
  | { readonly kind: "runsLeftOut" }
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "noMatch" }
  | { readonly kind: "runFile"; readonly syncId: string; readonly path: string };

export type RunNode = Node<RunNodeData>;

/** A storage root with its runs, in groups, and their files. */
export async function syncNode(syncs: App["syncs"], sync: Sync, arrangement: Arrangement): Promise<RunNode> {
  const [runs, deleted, gone, leftOut] = await Promise.all([
    syncs.runs(sync.id),
    syncs.deletedRuns(sync.id),
    syncs.keptRuns(sync.id),
    syncs.runsLeftOut(sync.id),
  ]);
  const nodesOf = (members: readonly Run[]): RunNode[] =>
    members.map((run) => ({
      item: runItem(run),
      data: { kind: "run", run },
      children: () => fileNodes(syncs, sync.id, run.folder),
    }));
  const groups = [...groupRuns(arrangeRuns(runs, arrangement))].map(([path, members]): RunNode => ({
    item: groupItem(sync.id, path, members.length),
    data: { kind: "runGroup", runs: members },
    children: nodesOf(members),
  }));
  for (const [others, itemOfGroup] of [
    [deleted, recycleBinItem],
    [gone, keptRunsItem],
  ] as const) {
    const shown = arrangeRuns(others, arrangement);
    if (shown.length === 0) continue;
    groups.push({
      item: itemOfGroup(sync.id, shown.length),
      data: { kind: "runGroup", runs: shown },
      children: nodesOf(shown),
    });
  }
  const isHidden = groups.length === 0 && runs.length + deleted.length + gone.length > 0;
  const noMatch: RunNode = { item: noMatchItem(sync.id, arrangement.filter), data: { kind: "noMatch" } };
  const children = isHidden ? [noMatch] : groups;
  if (leftOut > 0) children.push({ item: leftOutItem(sync.id, leftOut), data: { kind: "runsLeftOut" } });
  return { item: syncItem(sync), data: { kind: "sync", sync }, children };
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
