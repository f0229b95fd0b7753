import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../app.js";
import { displayText } from "../common/text/displayText.js";
import { hostName } from "../messages/hostName.js";
import { heldHosts } from "./connections/heldHosts.js";
import {
  type ApiCommandId,
  apiCommandIds,
  type CommandId,
  commandIds,
  type RelayCommandId,
  relayCommandIds,
} from "./kit/commandIds.js";
import { relayStateText } from "./relay/relayWords.js";
import { jobOfSession } from "./jobKit/jobOfSession.js";
import { sessionStateText, sessionTitle } from "./viewers/sessionWords.js";

interface Choice extends vscode.QuickPickItem {
  readonly command?: CommandId | ApiCommandId | RelayCommandId;
  readonly argument?: string;
}

/** The status bar's menu: hosts, viewers and commands. */
export async function showMenu(app: App, apiUrl: string | undefined): Promise<void> {
  const { connections, viewers, relay } = app;
  const separator = (label: string): Choice => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const sessions = viewers.sessions.map((session): Choice => ({
    label: `$(graph-line) ${sessionTitle(session)}`,
    description: sessionStateText(session, jobOfSession(app, session)),
    command: commandIds.revealViewer,
    argument: session.id,
  }));
  const hosts = heldHosts(app)
    .map(({ host }) => hostName(host))
    .join(", ");
  const items: Choice[] = [
    ...(sessions.length > 0 ? [separator(l10n.t("Viewers")), ...sessions] : []),
    separator(l10n.t("Actions")),
    { label: `$(add) ${l10n.t("Connect to Host…")}`, command: commandIds.connect },
    ...(connections.all.length === 0
      ? []
      : [{ label: `$(graph-line) ${l10n.t("Open Another Viewer…")}`, command: commandIds.openViewer }]),
    ...(hosts === ""
      ? []
      : [
          {
            label: `$(debug-disconnect) ${l10n.t("Disconnect…")}`,
            description: hosts,
            command: commandIds.disconnect,
          },
        ]),
    apiUrl === undefined
      ? { label: `$(broadcast) ${l10n.t("Start Local API")}`, command: apiCommandIds.startApi }
      : {
          label: `$(broadcast) ${l10n.t("Stop Local API")}`,
          description: apiUrl,
          command: apiCommandIds.stopApi,
        },
    relay.status
      ? {
          label: `$(radio-tower) ${l10n.t("Stop Relay Agent")}`,
          description: `${displayText(relay.status.url)}, ${relayStateText(relay.status)}`,
          command: relayCommandIds.stopRelay,
        }
      : { label: `$(radio-tower) ${l10n.t("Start Relay Agent…")}`, command: relayCommandIds.startRelay },
    { label: `$(output) ${l10n.t("Show Log")}`, command: commandIds.showLog },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Runicorn Remote") });
  if (picked?.command) await vscode.commands.executeCommand(picked.command, picked.argument);
}
