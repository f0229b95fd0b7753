import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { ViewerSession } from "../../viewer/session/session.js";
import { commandIds } from "../kit/commandIds.js";
import { sessionTitle } from "./sessionWords.js";

/** Offers to show a viewer whose tab was closed while its job was queued. */
export async function tellReady(session: ViewerSession): Promise<void> {
  const show = l10n.t("Show");
  const text = l10n.t("The viewer {0} is there: its job runs.", sessionTitle(session));
  if ((await vscode.window.showInformationMessage(text, show)) === show)
    await vscode.commands.executeCommand(commandIds.revealViewer, session.id);
}
