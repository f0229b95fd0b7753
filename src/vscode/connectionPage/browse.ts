import { homedir } from "node:os";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { connectionTo } from "../flows/openLastViewer.js";
import { pickEnvironment } from "../flows/pickEnvironment.js";
import type { Ui } from "../kit/ui.js";
import { pickRoot } from "../rootPicker/pickRoot.js";
import { knownRootsOf } from "../rootPicker/recentRoots.js";
import { type Draft, targetOf } from "./draft.js";

export type BrowsedField = "keyFile" | "python" | "root";

/**
 * Lets the user pick a value for a field: on this machine, or on the host, to which it connects.
 * @returns undefined if nothing was chosen.
 * @throws Failure, Cancelled
 */
export async function browse(
  ui: Ui,
  app: App,
  field: BrowsedField,
  draft: Draft,
): Promise<string | undefined> {
  if (field === "keyFile") return pickKeyFile();
  const connection = await connectionTo(ui, targetOf(draft));
  if (field === "root") {
    const recent = await knownRootsOf(app, connection, draft.root || undefined);
    const asked = await pickRoot(app, connection, { recent, mayCreate: false });
    return asked === "back" ? undefined : asked.root;
  }
  const { environment } = await pickEnvironment(ui, app, connection, draft.python || undefined);
  return environment.python;
}

async function pickKeyFile(): Promise<string | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: l10n.t("Key File"),
      openLabel: l10n.t("Choose"),
      defaultUri: vscode.Uri.file(join(homedir(), ".ssh")),
    })) ?? [];
  const home = join(homedir(), "/");
  // Written as in ~/.ssh/config, so that it also works on another machine.
  return file?.fsPath.startsWith(home) ? `~/${file.fsPath.slice(home.length)}` : file?.fsPath;
}
