import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, posix } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { copyRegular, type LocalPath } from "../../common/files/regularFile.js";
import { Cancelled, throwIfCancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import { withProgress } from "../kit/progress.js";
import type { FileOfRoot } from "../runKit/fileOf.js";
import { localName } from "../runKit/localName.js";

/**
 * Saves a copy of a file where the user chooses; fetches it first if it is not on this machine.
 * @throws Failure like `syncs.fetch`, or Cancelled.
 */
export async function downloadFile(
  { syncs }: Pick<App, "syncs">,
  { syncId, path }: FileOfRoot,
): Promise<void> {
  const name = displayText(posix.basename(path));
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(homedir(), localName(name))),
    saveLabel: l10n.t("Download"),
    title: l10n.t("Download {0}", name),
  });
  if (!target) throw new Cancelled();
  await withProgress(l10n.t("Downloading {0}", name), async (signal, report) => {
    const { place } = await syncs.fetch(syncId, path, {
      signal,
      onProgress: (done, total) => report(l10n.t("{0} of {1}", sizeText(done), sizeText(total))),
    });
    throwIfCancelled(signal);
    if (target.scheme === "file") await copyRegular(place, target.fsPath);
    else await copyElsewhere(place, target);
  });
  const reveal = l10n.t("Open");
  void vscode.window
    .showInformationMessage(l10n.t("{0} was downloaded.", name), reveal)
    .then((chosen) => chosen === reveal && vscode.commands.executeCommand("vscode.open", target));
}

/**
 * Copies to a place that only VS Code can write to. VS Code opens the source by name, so give it a private copy that
 * nobody else can change.
 */
async function copyElsewhere(place: LocalPath, target: vscode.Uri): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "runicorn-download-"));
  try {
    const copy = join(folder, "file");
    await copyRegular(place, copy);
    await vscode.workspace.fs.copy(vscode.Uri.file(copy), target, { overwrite: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
