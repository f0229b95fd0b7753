import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import { describeSkipped } from "../../messages/describeSkipped.js";
import type { ManifestEntry } from "../../sync/manifest/manifestEntry.js";
import type { BestMetric, Run } from "../../sync/runIndex/runs.js";
import type { Sync } from "../../sync/syncState.js";
import { runCommandIds, runPageCommandIds } from "../kit/commandIds.js";
import { type Item, itemOf } from "../kit/item.js";
import { type TooltipLink, tooltipOf } from "../kit/tooltip.js";
import { contextValue, type ItemToken } from "../kit/viewIds.js";
import { isMuchGone } from "./goneFiles.js";
import {
  numberText,
  runDescription,
  runDetails,
  runLabel,
  runStateText,
  syncRowText,
  syncStateText,
  syncTitle,
} from "../runKit/runWords.js";
import { runUri } from "../runKit/runUris.js";

/** A transfer by a mirror of at most this is not shown. */
const fewFiles = 20;
const fewBytes = 8 * 1024 * 1024;

/** Milliseconds after a pass in which a new listing is not shown. */
const fresh = 5 * 60_000;

/**
 * VS Code reloads all children of a changed row, and a command invoked meanwhile comes without its item. So the row of
 * a root does not show routine passes.
 */
function calmly(sync: Sync): Sync {
  const { state, syncedAt } = sync;
  if (syncedAt === undefined) return sync;
  const isRoutine =
    (state.kind === "transferring" && state.totalFiles <= fewFiles && state.totalBytes <= fewBytes) ||
    (state.kind === "scanning" && Date.now() - syncedAt < fresh);
  return isRoutine ? { ...sync, state: { kind: "waiting", nextAt: syncedAt } } : sync;
}

/** Marks descriptions of items with a rule for notices. */
function bell(isWatched: boolean | undefined): string {
  return isWatched ? "🔔 " : "";
}

export function syncItem(current: Sync, { isWatched }: Marks = {}): Item {
  const sync = calmly(current);
  const { state, id, root, skipped, wanted } = sync;
  const facts = [
    displayText(root),
    syncStateText(sync),
    ...choicesTexts(sync),
    ...(state.kind === "stopped" && wanted ? [l10n.t("Resumes by itself at the next connection.")] : []),
    ...describeSkipped(skipped, isInPlace(sync) ? "here" : "copied"),
  ];
  return itemOf({
    id: `sync:${id}`,
    label: syncTitle(sync),
    description: bell(isWatched) + syncRowText(sync),
    tooltip: () => tooltipOf([syncTitle(sync), ...facts], linksOf(sync)),
    icon: syncIcon(sync),
    contextValue: contextValue("sync", ...syncTokens(sync), ...watchToken(isWatched)),
    expandable: "expanded",
  });
}

function linksOf({ id, state }: Sync): TooltipLink[] {
  const link = (label: string, command: string): TooltipLink => ({ label, command, argument: id });
  return state.kind === "stopped"
    ? [link(l10n.t("Resume Sync…"), runCommandIds.resumeSync)]
    : [link(l10n.t("Sync Now"), runCommandIds.syncNow), link(l10n.t("Stop Sync"), runCommandIds.stopSync)];
}

/** The options of a copy, one line each. */
function choicesTexts({ keepGone, exclude }: Sync): string[] {
  return [
    ...(keepGone ? [l10n.t("What is deleted on the host stays here.")] : []),
    ...(exclude.length > 0 ? [l10n.t("Excluded: {0}", displayText(exclude.join(", ")))] : []),
  ];
}

/** Whether the runs are read in place, without a copy. */
export function isInPlace({ mode }: Pick<Sync, "mode">): boolean {
  return mode === "in-place";
}

function syncTokens(sync: Sync): readonly ItemToken[] {
  if (isMuchGone(sync)) return ["active", "gone"];
  const state = sync.state.kind !== "stopped" ? "active" : sync.wanted ? "paused" : "stopped";
  return isInPlace(sync) ? [state, "here"] : [state];
}

function syncIcon(sync: Sync): vscode.ThemeIcon {
  const { state, wanted } = sync;
  if (isMuchGone(sync))
    return new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  switch (state.kind) {
    case "stopped":
      return new vscode.ThemeIcon(wanted ? "debug-disconnect" : "archive");
    case "scanning":
    case "transferring":
      return new vscode.ThemeIcon("sync~spin");
    case "waiting":
      return new vscode.ThemeIcon(
        isInPlace(sync) ? "device-desktop" : "sync",
        new vscode.ThemeColor("testing.iconPassed"),
      );
    case "offline":
      return new vscode.ThemeIcon("debug-disconnect");
    case "failed":
      return new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
  }
}

/** Groups with more runs are collapsed, and show their best value. */
const mostExpanded = 10;

/** @param best the best value of its runs. */
export function groupItem(
  syncId: string,
  path: string,
  { count, best, isWatched }: Marks & { readonly count: number; readonly best?: BestMetric | undefined },
): Item {
  const bestText = best && l10n.t("best {0} {1}", numberText(best.value), displayText(best.name));
  return itemOf({
    id: `group:${syncId}:${path}`,
    label: displayText(path) || "/",
    description: bell(isWatched) + [runCountText(count), ...(bestText ? [bestText] : [])].join(" · "),
    tooltip: displayText(path),
    icon: new vscode.ThemeIcon("folder-library"),
    contextValue: contextValue("runGroup", "path", ...watchToken(isWatched)),
    expandable: count > mostExpanded ? "collapsed" : "expanded",
  });
}

/** The item with pinned runs. */
export function pinnedItem(syncId: string, count: number): Item {
  return itemOf({
    id: `pinned:${syncId}`,
    label: l10n.t("Pinned"),
    description: runCountText(count),
    tooltip: l10n.t("Runs that you pinned in this workspace."),
    icon: new vscode.ThemeIcon("pinned"),
    contextValue: contextValue("runGroup"),
    expandable: "expanded",
  });
}

function watchToken(isWatched: boolean | undefined): readonly ItemToken[] {
  return isWatched ? ["watched"] : [];
}

function runCountText(count: number): string {
  return count === 1 ? l10n.t("1 run") : l10n.t("{0} runs", count);
}

/** The item with runs in Runicorn's recycle bin. */
export function recycleBinItem(syncId: string, count: number): Item {
  return itemOf({
    id: `recycleBin:${syncId}`,
    label: l10n.t("Recycle Bin"),
    description: runCountText(count),
    tooltip: l10n.t("Runs that were deleted. Runicorn keeps them until its recycle bin is emptied."),
    icon: new vscode.ThemeIcon("trash"),
    contextValue: contextValue("runGroup"),
    expandable: "collapsed",
  });
}

/** The item below a root whose runs are all hidden by the filter. */
export function noMatchItem(syncId: string, filter: string): Item {
  const item = itemOf({
    id: `noMatch:${syncId}`,
    label: l10n.t("No run matches the filter"),
    description: filter,
    tooltip: () =>
      tooltipOf(
        [l10n.t("No run matches the filter"), filter],
        [
          { label: l10n.t("Clear Filter"), command: runCommandIds.clearFilter },
          { label: l10n.t("Change Filter…"), command: runCommandIds.filterRuns },
        ],
      ),
    icon: new vscode.ThemeIcon("filter"),
    contextValue: contextValue("noMatch"),
  });
  item.command = { command: runCommandIds.clearFilter, title: l10n.t("Clear Filter") };
  return item;
}

/** @param count number of runs that are not listed. */
export function leftOutItem(syncId: string, count: number): Item {
  return itemOf({
    id: `leftOut:${syncId}`,
    label: l10n.t("older runs that are not listed: {0}", count),
    description: "",
    tooltip: l10n.t("So many runs are too many for a list. Their files are copied all the same."),
    icon: new vscode.ThemeIcon("ellipsis"),
    contextValue: "",
  });
}

/** The item with runs that the host no longer has. */
export function keptRunsItem(syncId: string, count: number): Item {
  return itemOf({
    id: `keptRuns:${syncId}`,
    label: l10n.t("Deleted on the Host"),
    description: runCountText(count),
    tooltip: l10n.t("The host no longer has these runs. They are kept on this machine."),
    icon: new vscode.ThemeIcon("archive"),
    contextValue: contextValue("runGroup"),
    expandable: "collapsed",
  });
}

/** The user's marks of an item. */
export interface Marks {
  /** Has a rule for notices. */
  readonly isWatched?: boolean;
  readonly isPinned?: boolean;
  /** Its files are read in place. */
  readonly isHere?: boolean;
}

/** @param path set if no item above shows the path. */
export function runItem(run: Run, { isWatched, isPinned, isHere }: Marks = {}, path = ""): Item {
  const label = [displayText(path), path !== "" && !run.alias ? "" : runLabel(run)]
    .filter(Boolean)
    .join(" · ");
  const item = itemOf({
    id: `run:${run.syncId}:${run.folder}`,
    label,
    description: bell(isWatched) + runDescription(run),
    tooltip: () => tooltipOf([runLabel(run), ...runDetails(run)]),
    icon: runIcon(run),
    contextValue: contextValue(
      "run",
      isPinned ? "pinned" : "unpinned",
      ...watchToken(isWatched),
      ...(run.isDeleted ? ["deleted" as const] : []),
      ...(isHere ? (["here"] as const) : []),
    ),
    expandable: "collapsed",
  });
  const spoken = [label, runStateText(run), ...(isWatched ? [l10n.t("with notices")] : [])].join(", ");
  const command = { command: runPageCommandIds.openRun, title: l10n.t("Open") };
  return Object.assign(item, { command, accessibilityInformation: { label: spoken } });
}

function runIcon({ status }: Run): vscode.ThemeIcon {
  switch (status) {
    case "running":
      return new vscode.ThemeIcon("play-circle", new vscode.ThemeColor("charts.blue"));
    case "finished":
      return new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed"));
    case "failed":
      return new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
    case "interrupted":
      return new vscode.ThemeIcon("circle-slash", new vscode.ThemeColor("testing.iconQueued"));
    default:
      return new vscode.ThemeIcon("question");
  }
}

/** A file or folder of a run. A file that is not here yet is fetched when it is opened. */
export function fileItem(syncId: string, { path, kind, seen, held }: ManifestEntry, isHere: boolean): Item {
  const uri = runUri(syncId, path);
  const size = sizeText((seen ?? held)?.size ?? 0);
  const item = itemOf({
    id: `file:${syncId}:${path}`,
    label: displayText(posix.basename(path)),
    description: fileText(size, { kind, seen, held }),
    tooltip: displayText(path),
    icon: kind === "folder" ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File,
    contextValue: contextValue(
      "runFile",
      ...(kind === "folder" ? [] : (["file"] as const)),
      ...(isHere ? (["here"] as const) : []),
    ),
    expandable: kind === "folder" ? "collapsed" : "no",
  });
  if (kind === "folder") return item;
  const command = { command: runCommandIds.openRunFile, title: l10n.t("Open") };
  return Object.assign(item, { command, resourceUri: uri });
}

function fileText(size: string, { kind, seen, held }: Pick<ManifestEntry, "kind" | "seen" | "held">): string {
  if (kind === "folder") return "";
  if (!held) return l10n.t("{0}, not copied yet", size);
  return seen ? size : l10n.t("{0}, deleted on the host", size);
}
