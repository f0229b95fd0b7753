import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";

/**
 * Opens the user's OpenSSH configuration file, at the lines of a host if there are any.
 * @param file absolute path. If it is missing, opens an untitled editor that saves to it.
 */
export async function openSshConfig(file: string, host: string | undefined): Promise<void> {
  const uri = vscode.Uri.file(file);
  const isThere = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  const document = await vscode.workspace.openTextDocument(isThere ? uri : uri.with({ scheme: "untitled" }));
  const line =
    host === undefined
      ? -1
      : document
          .getText()
          .split(/\r?\n/)
          .findIndex((text) => names(text, host));
  const start = new vscode.Position(Math.max(0, line), 0);
  const editor = await vscode.window.showTextDocument(document, {
    selection: new vscode.Range(start, start),
  });
  editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  if (host !== undefined && line < 0)
    vscode.window.setStatusBarMessage(l10n.t("{0} has no entry of its own in this file.", host), 5_000);
}

/** Whether a line is `Host …` with exactly this name. */
function names(line: string, host: string): boolean {
  const [, words = ""] = /^\s*host(?:\s+|\s*=\s*)(.*)$/i.exec(line) ?? [];
  return words.split(/\s+/).some((word) => word.replace(/^"|"$/g, "") === host);
}
