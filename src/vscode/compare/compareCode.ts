import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { type ChangedFile, changedFiles } from "../../runs/compare/changedFiles.js";
import type { RunDetails } from "../../runs/runDetails.js";
import { readSnapshot, type Snapshot } from "../../runs/snapshot/snapshot.js";
import { snapshotErrorText } from "../runKit/snapshotWords.js";
import { runLabel } from "../runKit/runWords.js";
import { runUri } from "../runKit/runUris.js";
import type { ShownChange } from "./toComparePage.js";

/** Maximum number of files in a list. */
const mostFiles = 2_000;

/** The changes of source files between two runs. */
export interface CodeChanges {
  readonly files: readonly ShownChange[];
  /** A remark; may be empty. */
  readonly note: string;
}

/** Fetches the archives and lists the changes. @throws Failure like `syncs.fetch`. */
export async function codeChanges(
  { syncs }: Pick<App, "syncs">,
  baseline: RunDetails,
  other: RunDetails,
  signal: AbortSignal,
): Promise<CodeChanges> {
  const read = async (details: RunDetails): Promise<Snapshot> => {
    const { place } = await syncs.fetch(details.run.syncId, archiveOf(details), { signal });
    return readSnapshot(place, signal);
  };
  try {
    const [before, after] = await Promise.all([read(baseline), read(other)]);
    const all = changedFiles(before, after);
    const leftOut = before.leftOut + after.leftOut + Math.max(0, all.length - mostFiles);
    return {
      files: all.slice(0, mostFiles).map(({ path, change }) => ({ path, change, name: displayText(path) })),
      note: leftOut > 0 ? l10n.t("{0} more are not shown.", leftOut) : "",
    };
  } catch (error) {
    const note = snapshotErrorText(error);
    if (note === undefined) throw error;
    return { files: [], note };
  }
}

/** Shows a changed file in the diff editor, or a file of only one run in a text editor. */
export async function showChange(
  baseline: RunDetails,
  other: RunDetails,
  { path, change }: ChangedFile,
): Promise<void> {
  const [before, after] = [baseline, other].map((details) =>
    runUri(details.run.syncId, posix.join(archiveOf(details), path)),
  );
  const name = displayText(posix.basename(path));
  if (!before || !after) return;
  if (change === "changed") {
    const title = `${name} (${runLabel(baseline.run)} ↔ ${runLabel(other.run)})`;
    await vscode.commands.executeCommand("vscode.diff", before, after, title);
  } else await vscode.commands.executeCommand("vscode.open", change === "added" ? after : before);
}

function archiveOf({ run, code }: RunDetails): string {
  return posix.join(run.folder, code?.snapshot ?? "");
}
