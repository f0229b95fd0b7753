import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { describeSkipped } from "../../messages/describeSkipped.js";
import type { ManifestEntry } from "../../sync/manifest/manifestEntry.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Sync } from "../../sync/syncState.js";
import { runCommandIds } from "../kit/commandIds.js";
import { type Item, itemOf } from "../kit/item.js";
import { type TooltipLink, tooltipOf } from "../kit/tooltip.js";
import { contextValue, type ItemToken } from "../kit/viewIds.js";
import { isMuchGone } from "./goneFiles.js";
import { runDescription, runDetails, runLabel, statusText, syncStateText, syncTitle } from "./runWords.js";
import { runUri } from "./runUris.js";

/** What a mirror copies as it goes is no news where it is at most this. */
const fewFiles = 20;
const fewBytes = 8 * 1024 * 1024;

/** Whoever looks at a mirror of a run that trains would see it blink otherwise, and everything below it. */
function calmly(sync: Sync): Sync {
  const { state, syncedAt } = sync;
  if (state.kind !== "transferring" || syncedAt === undefined) return sync;
  if (state.totalFiles > fewFiles || state.totalBytes > fewBytes) return sync;
  return { ...sync, state: { kind: "waiting", nextAt: syncedAt } };
}

export function syncItem(current: Sync): Item {
  const sync = calmly(current);
  const { state, id, root, skipped, wanted } = sync;
  const facts = [
    displayText(root),
    syncStateText(sync),
    ...choicesTexts(sync),
    ...(state.kind === "stopped" && wanted ? [l10n.t("Resumes by itself at the next connection.")] : []),
    ...describeSkipped(skipped),
  ];
  return itemOf({
    id: `sync:${id}`,
    label: syncTitle(sync),
    description: syncStateText(sync),
    tooltip: tooltipOf([syncTitle(sync), ...facts], linksOf(sync)),
    icon: syncIcon(sync),
    contextValue: contextValue("sync", ...syncTokens(sync)),
    expandable: "expanded",
  });
}

function linksOf({ id, state }: Sync): TooltipLink[] {
  const link = (label: string, command: string): TooltipLink => ({ label, command, argument: id });
  return state.kind === "stopped"
    ? [link(l10n.t("Resume Sync…"), runCommandIds.resumeSync)]
    : [link(l10n.t("Sync Now"), runCommandIds.syncNow), link(l10n.t("Stop Sync"), runCommandIds.stopSync)];
}

/** What was chosen for a copy, a line each. */
function choicesTexts({ keepGone, exclude }: Sync): string[] {
  return [
    ...(keepGone ? [l10n.t("What is deleted on the host stays here.")] : []),
    ...(exclude.length > 0 ? [l10n.t("Excluded: {0}", displayText(exclude.join(", ")))] : []),
  ];
}

function syncTokens(sync: Sync): readonly ItemToken[] {
  if (isMuchGone(sync)) return ["active", "gone"];
  return [sync.state.kind !== "stopped" ? "active" : sync.wanted ? "paused" : "stopped"];
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
      return new vscode.ThemeIcon("sync", new vscode.ThemeColor("testing.iconPassed"));
    case "offline":
      return new vscode.ThemeIcon("debug-disconnect");
    case "failed":
      return new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
  }
}

export function groupItem(syncId: string, path: string, count: number): Item {
  return itemOf({
    id: `group:${syncId}:${path}`,
    label: displayText(path) || "/",
    description: runCountText(count),
    tooltip: displayText(path),
    icon: new vscode.ThemeIcon("folder-library"),
    contextValue: contextValue("runGroup"),
    expandable: "expanded",
  });
}

function runCountText(count: number): string {
  return count === 1 ? l10n.t("1 run") : l10n.t("{0} runs", count);
}

/** Runs that were deleted in Runicorn, for as long as it keeps them. */
export function recycleBinItem(syncId: string, count: number): Item {
  return itemOf({
    id: `recycleBin:${syncId}`,
    label: l10n.t("Recycle Bin"),
    description: runCountText(count),
    tooltip: l10n.t("Runs that were deleted in Runicorn. Restore them in its viewer."),
    icon: new vscode.ThemeIcon("trash"),
    contextValue: contextValue("runGroup"),
    expandable: "collapsed",
  });
}

/** What stands below a root all of whose runs are hidden by the filter. */
export function noMatchItem(syncId: string, filter: string): Item {
  const item = itemOf({
    id: `noMatch:${syncId}`,
    label: l10n.t("No run matches the filter"),
    description: filter,
    tooltip: tooltipOf(
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

/** @param count of the runs that are not listed. */
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

/** Runs that the host no longer has. */
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

export function runItem(run: Run): Item {
  const item = itemOf({
    id: `run:${run.syncId}:${run.folder}`,
    label: runLabel(run),
    description: runDescription(run),
    tooltip: tooltipOf([runLabel(run), ...runDetails(run)]),
    icon: runIcon(run),
    contextValue: contextValue("run"),
    expandable: "collapsed",
  });
  const status = run.status === "running" ? "" : `${statusText(run.status)}, `;
  const spoken = `${runLabel(run)}, ${status}${runDescription(run)}`;
  return Object.assign(item, { accessibilityInformation: { label: spoken } });
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

/** A file or folder of a run. A file of which nothing is here yet comes when it is opened. */
export function fileItem(syncId: string, { path, kind, seen, held }: ManifestEntry): Item {
  const uri = runUri(syncId, path);
  const size = sizeText((seen ?? held)?.size ?? 0);
  const item = itemOf({
    id: `file:${syncId}:${path}`,
    label: displayText(posix.basename(path)),
    description: fileText(size, { kind, seen, held }),
    tooltip: displayText(path),
    icon: kind === "folder" ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File,
    contextValue: contextValue("runFile"),
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

export function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power] ?? ""}`;
}
