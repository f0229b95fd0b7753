import type { App } from "../../app.js";
import { childrenOf } from "../../sync/manifest/manifest.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Sync } from "../../sync/syncState.js";
import type { Node } from "../kit/treeView.js";
import { presentAmong } from "../../runs/meantRuns.js";
import { isCovered, type Rule } from "../../runs/watch/rules.js";
import { type Arrangement, arrangeRuns, bestOf, groupRuns } from "./arrangeRuns.js";
import type { Pins } from "./pins.js";
import {
  fileItem,
  groupItem,
  isInPlace,
  keptRunsItem,
  leftOutItem,
  noMatchItem,
  pinnedItem,
  recycleBinItem,
  runItem,
  syncItem,
} from "./runItems.js";

/** The data that a command gets from its tree item. */
export type RunNodeData =
  | { readonly kind: "sync"; readonly sync: Sync }
  | { readonly kind: "runGroup"; readonly runs: readonly Run[] }
  /** The item that says how many runs are not listed. */
  | { readonly kind: "runsLeftOut" }
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "noMatch" }
  | { readonly kind: "runFile"; readonly syncId: string; readonly path: string };

export type RunNode = Node<RunNodeData>;

/** The user's marks of runs and groups. */
export interface RunMarks {
  readonly pins: Pick<Pins, "among">;
  /** The rules for notices of a root. */
  readonly rules: (syncId: string) => Promise<readonly Rule[]>;
}

/** The node of a storage root, with its runs in groups, and their files. */
export async function syncNode(
  syncs: App["syncs"],
  sync: Sync,
  arrangement: Arrangement,
  { pins, rules }: RunMarks,
): Promise<RunNode> {
  const [runs, deleted, gone, leftOut, watched] = await Promise.all([
    syncs.runs(sync.id),
    syncs.deletedRuns(sync.id),
    syncs.keptRuns(sync.id),
    syncs.runsLeftOut(sync.id),
    rules(sync.id),
  ]);
  const all = [...runs, ...deleted, ...gone];
  const isPinned = pins.among(all);
  const watchedRuns = watched.filter(({ scope }) => scope.kind === "run");
  const isPresent = presentAmong(all);
  const watchedPaths = new Set(watched.flatMap(({ scope }) => (scope.kind === "group" ? [scope.path] : [])));
  const nodeOf = (run: Run, path = ""): RunNode => {
    const isWatched =
      watchedRuns.some(({ scope }) => isCovered(run, scope, isPresent)) ||
      (path !== "" && watchedPaths.has(path));
    return {
      item: runItem(run, { isWatched, isPinned: isPinned(run), isHere: isInPlace(sync) }, path),
      data: { kind: "run", run },
      children: () => fileNodes(syncs, sync, run.folder),
    };
  };
  const groupOf = (item: RunNode["item"], members: readonly Run[], withPath = false): RunNode => ({
    item,
    data: { kind: "runGroup", runs: members },
    children: members.map((run) => nodeOf(run, withPath ? run.path : "")),
  });
  const arranged = arrangeRuns(runs, arrangement);
  const pinned = arranged.filter(isPinned);
  const groups = pinned.length > 0 ? [groupOf(pinnedItem(sync.id, pinned.length), pinned, true)] : [];
  for (const [path, members] of groupRuns(arranged.filter((run) => !isPinned(run)))) {
    const [only] = members;
    // The item of a group with one run would add nothing.
    if (only && members.length === 1) {
      groups.push(nodeOf(only, path));
      continue;
    }
    const marks = { count: members.length, best: bestOf(members), isWatched: watchedPaths.has(path) };
    groups.push(groupOf(groupItem(sync.id, path, marks), members));
  }
  for (const [others, itemOfGroup] of [
    [deleted, recycleBinItem],
    [gone, keptRunsItem],
  ] as const) {
    const shown = arrangeRuns(others, arrangement);
    if (shown.length > 0) groups.push(groupOf(itemOfGroup(sync.id, shown.length), shown));
  }
  const isHidden = groups.length === 0 && runs.length + deleted.length + gone.length > 0;
  const noMatch: RunNode = { item: noMatchItem(sync.id, arrangement.filter), data: { kind: "noMatch" } };
  const children = isHidden ? [noMatch] : groups;
  if (leftOut > 0) children.push({ item: leftOutItem(sync.id, leftOut), data: { kind: "runsLeftOut" } });
  const isWatched = watched.some(({ scope }) => scope.kind === "root");
  return { item: syncItem(sync, { isWatched }), data: { kind: "sync", sync }, children };
}

async function fileNodes(syncs: App["syncs"], sync: Sync, folder: string): Promise<readonly RunNode[]> {
  const syncId = sync.id;
  const entries = childrenOf(await syncs.entries(syncId), folder) ?? [];
  const inOrder = [...entries].sort(
    (a, b) => Number(b.kind === "folder") - Number(a.kind === "folder") || a.path.localeCompare(b.path),
  );
  return inOrder.map((entry) => ({
    item: fileItem(syncId, entry, isInPlace(sync)),
    data: { kind: "runFile", syncId, path: entry.path },
    ...(entry.kind === "folder" && { children: () => fileNodes(syncs, sync, entry.path) }),
  }));
}
