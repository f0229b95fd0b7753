import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import { writeCsvFile } from "../../charts/csvFile.js";
import { exportCsv, type Exported, type ExportedRun } from "../../charts/exportCsv.js";
import { matchesSearch } from "../../charts/sections.js";
import { Failure } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { isSyncFailure } from "../../sync/failures.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { runLabel } from "../runKit/runWords.js";
import type { FromChartPage } from "./chartMessages.js";
import { createIsOver } from "./chartNotices.js";

/** Saves and copies the charts of a page. */
export interface ChartExports {
  csv(wanted: Extract<FromChartPage, { kind: "csv" }>): void;
  /** Takes a part of a picture, and saves it once complete. */
  picture(part: Extract<FromChartPage, { kind: "picture" }>): void;
}

/** Maximum bytes of a picture. */
const largestPicture = 128 * 1024 * 1024;
/** Maximum characters to copy, or to write to a file that is not on this machine. */
const mostCopied = 32 * 1024 * 1024;

export function createChartExports(syncs: App["syncs"], runs: readonly Run[]): ChartExports {
  let parts: Buffer[] = [];

  const saveCsv = async ({
    metric,
    search,
    hidden,
    to,
  }: Parameters<ChartExports["csv"]>[0]): Promise<void> => {
    const left = new Set(hidden);
    const shown = runs.filter((_, run) => !left.has(run));
    const isWanted = (name: string): boolean =>
      metric === undefined ? matchesSearch(name, search) : name === metric;
    const name = metric ?? (shown.length === 1 && shown[0] ? runLabel(shown[0]) : "runs");
    const uri = to === "file" ? await askWhere(name, "csv") : undefined;
    if (to === "file" && !uri) return;
    const options = {
      location: vscode.ProgressLocation.Notification,
      title:
        shown.length === 1
          ? l10n.t("Collecting the values of 1 run")
          : l10n.t("Collecting the values of {0} runs", shown.length),
      cancellable: true,
    };
    const exported = await vscode.window.withProgress(options, async (_progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      const { signal } = stop;
      const all = await filesOf(syncs, shown, signal);
      if (uri?.scheme === "file")
        return writeCsvFile(uri.fsPath, (write) => exportCsv(all, isWanted, write, signal)).catch(
          unless(signal),
        );
      return inMemory(all, isWanted, uri, signal).catch(unless(signal));
    });
    if (exported) await tellExported(exported, uri);
  };

  const savePicture = async (name: string, bytes: Buffer): Promise<void> => {
    const uri = await askWhere(name, "png");
    if (!uri) return;
    await vscode.workspace.fs.writeFile(uri, bytes);
    await tellSaved(uri);
  };

  return {
    csv: (wanted) => void saveCsv(wanted).catch(tellFailure),
    picture: ({ name, data, isFirst, isLast }) => {
      if (isFirst) parts = [];
      parts.push(Buffer.from(data, "base64"));
      const isTooLarge = parts.reduce((sum, { length }) => sum + length, 0) > largestPicture;
      if (!isLast && !isTooLarge) return;
      const bytes = Buffer.concat(parts);
      parts = [];
      if (!isTooLarge) void savePicture(name, bytes).catch(tellFailure);
    },
  };
}

async function filesOf(
  syncs: App["syncs"],
  runs: readonly Run[],
  signal: AbortSignal,
): Promise<readonly ExportedRun[]> {
  const all: ExportedRun[] = [];
  const isOver = createIsOver(await syncs.runs());
  for (const run of runs) {
    if (signal.aborted) break;
    const folder = await syncs.folderOfRun(run);
    const path = `${folder}/events.jsonl`;
    try {
      const { place: file } = await syncs.fetch(run.syncId, path, { signal });
      all.push({ label: runLabel(run), id: run.id, file, isOver: isOver(run) });
    } catch (error) {
      if (signal.aborted) break;
      // Among several runs, one that failed early may have logged nothing.
      if (isSyncFailure(error, "sync-file-missing")) continue;
      if ((await syncs.entries(run.syncId)).get(path)) throw error;
    }
  }
  return all;
}

/** @param uri undefined: the clipboard. */
async function inMemory(
  all: readonly ExportedRun[],
  isWanted: (metric: string) => boolean,
  uri: vscode.Uri | undefined,
  signal: AbortSignal,
): Promise<Exported> {
  let text = "";
  const write = (more: string): void => {
    text += more;
    if (text.length > mostCopied)
      throw new Error(l10n.t("These are too many values to copy. Save them instead."));
  };
  const exported = await exportCsv(all, isWanted, write, signal);
  if (uri) await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  else await vscode.env.clipboard.writeText(text);
  return exported;
}

/** @returns a handler that ignores errors after cancellation. */
function unless(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
    return undefined;
  };
}

/** Characters that are not allowed or awkward in a file name. */
const awkward = /[^\p{L}\p{N}._-]+/gu;

async function askWhere(name: string, ending: "png" | "csv"): Promise<vscode.Uri | undefined> {
  const file = `${name.replace(awkward, "-").slice(0, 80) || "charts"}.${ending}`;
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri;
  return vscode.window.showSaveDialog({
    filters: { [ending.toUpperCase()]: [ending] },
    saveLabel: l10n.t("Save"),
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, file) }),
    ...(!folder && { defaultUri: vscode.Uri.file(file) }),
  });
}

/** @param uri undefined: into the clipboard. */
async function tellExported({ count, unread }: Exported, uri: vscode.Uri | undefined): Promise<void> {
  const missing = unread === 0 ? "" : l10n.t("Lines that could not be read, and are left out: {0}", unread);
  if (uri) return tellSaved(uri, missing);
  const text = sentences(l10n.t("{0} values copied as CSV.", count), missing);
  void vscode.window.showInformationMessage(text);
}

/** @param missing what is to be said beside it; empty for nothing. */
async function tellSaved(uri: vscode.Uri, missing = ""): Promise<void> {
  const open = l10n.t("Open File");
  const text = sentences(l10n.t("Saved as {0}.", uri.path), missing);
  const chosen = await vscode.window.showInformationMessage(text, open);
  if (chosen === open) await vscode.commands.executeCommand("vscode.open", uri);
}

function tellFailure(error: unknown): void {
  const why = error instanceof Failure ? describeFailure(error.detail).message : undefined;
  const text = why ?? (error instanceof Error ? error.message : String(error));
  void vscode.window.showErrorMessage(l10n.t("Could not be saved: {0}", text));
}
