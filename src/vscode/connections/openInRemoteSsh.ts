import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { stateContextKeys } from "../kit/viewIds.js";
import { remoteAuthority, remoteSshExtensions } from "./remoteSsh.js";

/** Sets the context key that shows the command only if an extension can open a window on a host. */
export function tellRemoteSsh(): vscode.Disposable {
  const tell = (): void =>
    void vscode.commands.executeCommand("setContext", stateContextKeys.hasRemoteSsh, isInstalled());
  tell();
  return vscode.extensions.onDidChange(tell);
}

function isInstalled(): boolean {
  return remoteSshExtensions.some((id) => vscode.extensions.getExtension(id) !== undefined);
}

/**
 * Opens a VS Code window on a host through Remote - SSH, optionally on a folder.
 * @param folder absolute path on the host.
 */
export async function openInRemoteSsh(target: Target, folder: string | undefined): Promise<void> {
  if (!isInstalled()) {
    const search = l10n.t("Search for the Extension");
    const text = l10n.t("The extension Remote - SSH, which opens windows on hosts, is not installed.");
    if ((await vscode.window.showInformationMessage(text, search)) === search)
      await vscode.commands.executeCommand("workbench.extensions.search", `@id:${remoteSshExtensions[0]}`);
    return;
  }
  const authority = remoteAuthority(target);
  if (authority === undefined) {
    const name = displayText(formatTarget(target));
    const text = l10n.t(
      "{0} is no name that is handed to Remote - SSH. Give it an alias in ~/.ssh/config.",
      name,
    );
    void vscode.window.showWarningMessage(text);
    return;
  }
  if (folder === undefined) {
    await vscode.commands.executeCommand("vscode.newWindow", { remoteAuthority: authority });
    return;
  }
  const uri = vscode.Uri.from({ scheme: "vscode-remote", authority, path: folder });
  await vscode.commands.executeCommand("vscode.openFolder", uri, { forceNewWindow: true });
}
