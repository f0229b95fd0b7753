import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../app.js";
import { displayText } from "../common/bytes.js";
import { Cancelled } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import { sessionUrl, type ViewerSession } from "../viewer/session.js";
import { commandIds } from "./commandIds.js";
import { connect } from "./flows/connect.js";
import { importKnownHosts, replaceHostKey } from "./flows/knownHosts.js";
import { openViewer } from "./flows/openViewer.js";
import { pickTarget } from "./flows/pickTarget.js";
import type { ViewerPanels } from "./panel/viewerPanels.js";
import { withProgress } from "./progress.js";
import type { Handlers } from "./registerLate.js";
import { reporting } from "./reportFailure.js";
import { sessionStateText, sessionTitle } from "./sessionWords.js";
import { showMenu } from "./showMenu.js";
import type { NodeData, TreeNode } from "./trees/nodes.js";
import type { Ui } from "./ui.js";
import type { ViewerLogs } from "./viewerLogs.js";

/** What each command does. */
export function commandHandlers(
  ui: Ui,
  panels: () => Promise<ViewerPanels>,
  logs: () => Promise<ViewerLogs>,
  refresh: () => void,
): Handlers<typeof commandIds> {
  return {
    [commandIds.connect]: async (argument) => {
      const data = dataOf(argument, "connection");
      const open = async (connection: Connection): Promise<void> =>
        (await panels()).show(await openViewer(ui, connection));
      if (data?.connection) return open(data.connection);
      const target = data?.saved?.target ?? (await pickTarget(await ui.app()));
      // Told here, so that "Try Again" means this host and does not ask for one.
      return reporting(ui, async () => open(await connect(ui, target, data?.saved)));
    },
    [commandIds.openViewer]: async (argument) => {
      const connection = dataOf(argument, "connection")?.connection ?? (await pickConnection(await ui.app()));
      (await panels()).show(await openViewer(ui, connection));
    },
    [commandIds.disconnect]: async (argument) => {
      const app = await ui.app();
      const connection = dataOf(argument, "connection")?.connection ?? (await pickConnection(app));
      await disconnect(app, connection);
    },
    [commandIds.forgetConnection]: async (argument) => {
      const saved = dataOf(argument, "connection")?.saved;
      if (!saved) return;
      await confirm(l10n.t("Forget {0}?", displayText(saved.name)), l10n.t("Forget"));
      const app = await ui.app();
      await app.savedConnections.remove(saved.id);
    },
    [commandIds.revealViewer]: async (argument) =>
      (await panels()).show(await sessionFrom(ui, panels, argument)),
    [commandIds.openInBrowser]: async (argument) => {
      const url = sessionUrl(await sessionFrom(ui, panels, argument));
      if (url !== undefined) await vscode.env.openExternal(vscode.Uri.parse(url));
    },
    [commandIds.copyUrl]: async (argument) => {
      const url = sessionUrl(await sessionFrom(ui, panels, argument));
      if (url !== undefined) await vscode.env.clipboard.writeText(url);
    },
    [commandIds.reloadViewer]: async (argument) =>
      (await panels()).reload((await sessionFrom(ui, panels, argument)).id),
    [commandIds.showViewerLog]: async (argument) =>
      (await logs()).show(await sessionFrom(ui, panels, argument)),
    [commandIds.restartViewer]: async (argument) => {
      const { id } = await sessionFrom(ui, panels, argument);
      const { viewers } = await ui.app();
      const session = viewers.get(id);
      if (!session) return;
      await withProgress(l10n.t("Restarting {0}", sessionTitle(session)), (signal) =>
        viewers.restart(id, { signal }),
      );
    },
    [commandIds.reconnectViewer]: async (argument) => {
      const { id } = await sessionFrom(ui, panels, argument);
      (await ui.app()).viewers.reconnect(id);
    },
    [commandIds.keepViewer]: async (argument) => {
      const session = await sessionFrom(ui, panels, argument);
      await (await ui.app()).viewers.keep(session.id);
      void vscode.window.showInformationMessage(
        l10n.t("{0} goes on when VS Code is closed, until it is stopped.", sessionTitle(session)),
      );
    },
    [commandIds.stopViewer]: async (argument) => {
      const session = await sessionFrom(ui, panels, argument);
      const app = await ui.app();
      await withProgress(l10n.t("Stopping {0}", sessionTitle(session)), () => app.viewers.stop(session.id));
    },
    [commandIds.copyFingerprint]: async (argument) => {
      const entry = dataOf(argument, "knownHost")?.entry;
      if (entry) await vscode.env.clipboard.writeText(entry.key.fingerprint);
    },
    [commandIds.removeKnownHost]: async (argument) => {
      const entry = dataOf(argument, "knownHost")?.entry;
      if (!entry) return;
      const question = l10n.t(
        "Remove this key of {0}? It will be asked about again.",
        displayText(entry.hosts),
      );
      await confirm(question, l10n.t("Remove"), `${entry.key.type}\n${entry.key.fingerprint}`);
      await (await ui.app()).knownHosts.remove(entry);
    },
    [commandIds.importKnownHosts]: async () => importKnownHosts(await ui.app()),
    [commandIds.replaceHostKey]: async (argument) =>
      replaceHostKey(
        await ui.app(),
        typeof argument === "string" ? argument : dataOf(argument, "changedKey")?.changed.name,
      ),
    [commandIds.refresh]: () => Promise.resolve(refresh()),
    [commandIds.showMenu]: async () => showMenu(await ui.app(), ui.api.url),
    [commandIds.showLog]: () => Promise.resolve(ui.log.show()),
  };
}

/** What a tree item that a command was chosen on stands for. */
function dataOf<K extends NodeData["kind"]>(
  argument: unknown,
  kind: K,
): Extract<NodeData, { kind: K }> | undefined {
  if (typeof argument !== "object" || argument === null || !("data" in argument)) return undefined;
  const { data } = argument as TreeNode;
  return data.kind === kind ? (data as Extract<NodeData, { kind: K }>) : undefined;
}

/** The session that a command is about: the tree item's, the one named, the active panel's, or one that is picked. */
async function sessionFrom(
  ui: Ui,
  panels: () => Promise<ViewerPanels>,
  argument: unknown,
): Promise<ViewerSession> {
  const app = await ui.app();
  const id =
    dataOf(argument, "session")?.session.id ??
    (typeof argument === "string" ? argument : (await panels()).activeSessionId);
  const session = id === undefined ? undefined : app.viewers.get(id);
  if (session) return session;
  const items = app.viewers.sessions.map((one) => ({
    label: sessionTitle(one),
    description: sessionStateText(one),
    session: one,
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(l10n.t("No viewer is running."));
    throw new Cancelled();
  }
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Choose a viewer") });
  if (!picked) throw new Cancelled();
  return picked.session;
}

async function pickConnection(app: App): Promise<Connection> {
  const items = app.connections.all.map((connection) => ({
    label: displayText(connection.target.host),
    description: displayText(connection.id),
    connection,
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(l10n.t("No host is connected."));
    throw new Cancelled();
  }
  const picked =
    items.length === 1
      ? items[0]
      : await vscode.window.showQuickPick(items, { title: l10n.t("Choose a host") });
  if (!picked) throw new Cancelled();
  return picked.connection;
}

async function disconnect(app: App, connection: Connection): Promise<void> {
  const host = displayText(connection.target.host);
  const running = app.viewers.sessions.filter(({ connectionId }) => connectionId === connection.id).length;
  const question =
    running === 1
      ? l10n.t("Disconnect from {0}, where a viewer runs?", host)
      : l10n.t("Disconnect from {0}, where {1} viewers run?", host, running);
  const [stop, keep] = [l10n.t("Stop and Disconnect"), l10n.t("Keep Running")];
  const answer =
    running > 0 ? await vscode.window.showWarningMessage(question, { modal: true }, stop, keep) : stop;
  if (answer === undefined) throw new Cancelled();
  await withProgress(l10n.t("Disconnecting from {0}", host), async () => {
    if (answer === stop) await app.disconnect(connection.id);
    else await app.leaveRunning(connection.id);
  });
}

/** @throws Cancelled unless the person agrees. */
async function confirm(question: string, agree: string, detail?: string): Promise<void> {
  const options = { modal: true, ...(detail !== undefined && { detail }) };
  if ((await vscode.window.showWarningMessage(question, options, agree)) !== agree) throw new Cancelled();
}
