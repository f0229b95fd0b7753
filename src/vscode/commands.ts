import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../app.js";
import { createSharedWork } from "../common/async/sharedWork.js";
import { displayText } from "../common/text/displayText.js";
import { hostName } from "../messages/hostName.js";
import { Cancelled } from "../common/failure.js";
import { savedIdOf } from "../savedConnectionId.js";
import type { Connection } from "../ssh/model/connection.js";
import { jobOf, loginOf } from "../ssh/model/jobTarget.js";
import type { ViewerSession } from "../viewer/session/session.js";
import { type CommandId, commandIds, jobCommandIds } from "./kit/commandIds.js";
import { importKnownHosts, replaceHostKey } from "./flows/knownHosts.js";
import { lastOpened, openViewerAt, placeOfSaved } from "./flows/openLastViewer.js";
import { openAsking } from "./flows/openViewer.js";
import { type HeldHost, heldHosts } from "./connections/heldHosts.js";
import { pickTarget } from "./flows/pickTarget.js";
import { browserUrl } from "./viewers/externalUrl.js";
import { linkTo } from "./links/viewerLink.js";
import { viewerAt } from "./viewers/viewerAt.js";
import { endOfJob, jobOfSession } from "./jobKit/jobOfSession.js";
import { withProgress } from "./kit/progress.js";
import type { Handlers } from "./kit/registerLate.js";
import { sessionStateText, sessionTitle } from "./viewers/sessionWords.js";
import { showDocs } from "./showDocs.js";
import { showMenu } from "./showMenu.js";
import { chosenOf, dataOf } from "./selection/chosen.js";
import { disconnect } from "./selection/disconnect.js";
import { forgetConnections, removeKnownHosts } from "./selection/remove.js";
import { stopViewers } from "./selection/stopViewers.js";
import type { NodeData, TreeNode } from "./sideBar/nodes.js";
import type { ConnectionsTree } from "./sideBar/trees.js";
import type { Ui } from "./kit/ui.js";
import type { ViewerPlace } from "./kit/viewerPlace.js";
import type { LateViewers } from "./lateViewers.js";

/** Handlers of the commands. */
export function commandHandlers(
  ui: Ui,
  { panels, logs }: LateViewers,
  { tree, refresh }: { readonly tree: ConnectionsTree; readonly refresh: () => void },
): Handlers<typeof commandIds> {
  return {
    ...connectionCommands(ui, panels),
    ...viewerCommands(ui, { panels, logs }),
    ...knownHostCommands(ui),
    [commandIds.showConnections]: () => tree.showConnections(),
    [commandIds.showKnownHosts]: () => tree.showKnownHosts(),
    [commandIds.openItem]: () => openItem(tree.selected),
    [commandIds.refresh]: () => Promise.resolve(refresh()),
    [commandIds.showMenu]: async () => showMenu(await ui.app(), ui.api.url),
    [commandIds.showLog]: () => Promise.resolve(ui.log.show()),
    [commandIds.showDocs]: () => showDocs(ui.extensionUri),
  };
}

function connectionCommands(ui: Ui, panels: LateViewers["panels"]) {
  // A double click counts as one click.
  const opening = createSharedWork<void>();
  const openAt = async (place: ViewerPlace): Promise<void> => {
    const app = await ui.app();
    const present = viewerAt(app.viewers, place);
    if (present && present.state.kind !== "failed") {
      if (present.state.kind === "reconnecting") app.viewers.reconnect(present.id);
      return (await panels()).show(present);
    }
    const open = async (): Promise<void> =>
      (await panels()).open(place, (progress) => openViewerAt(ui, place, { progress }));
    return opening.join(savedIdOf(place.target), open);
  };
  return {
    [commandIds.connect]: async (argument: unknown) => {
      const app = await ui.app();
      const data = dataOf(argument, "connection");
      const target = data?.connection?.target ?? data?.target ?? (await pickTarget(app));
      const saved = data?.saved ?? (await app.savedConnections.get(savedIdOf(target)));
      return openAt(saved ? placeOfSaved(saved) : { target });
    },
    [commandIds.openLastViewer]: async (argument: unknown) => {
      const app = await ui.app();
      const saved =
        typeof argument === "string"
          ? await app.savedConnections.get(argument)
          : (dataOf(argument, "connection")?.saved ?? (await lastOpened(app)));
      return saved ? openAt(placeOfSaved(saved)) : vscode.commands.executeCommand(commandIds.connect);
    },
    [commandIds.openViewer]: async (argument: unknown) => {
      const app = await ui.app();
      const connection = dataOf(argument, "connection")?.connection ?? (await pickConnection(app));
      const { target } = connection;
      const saved = await app.savedConnections.get(savedIdOf(target));
      const known = saved ? placeOfSaved(saved) : {};
      const shown = await panels();
      return shown.open({ target }, (progress) => openAsking(ui, { connection, progress }, known));
    },
    [commandIds.disconnect]: async (argument: unknown, selection: unknown) => {
      const app = await ui.app();
      const held = heldHosts(app);
      const ids = chosenOf(argument, selection, "connection").map(
        ({ connection, awaited }) => connection?.id ?? awaited,
      );
      const chosen = held.filter((one) => ids.some((id) => id !== undefined && one.ids.includes(id)));
      await disconnect(ui, app, chosen.length > 0 ? chosen : [await pickHost(held)]);
    },
    [commandIds.forgetConnection]: (argument: unknown, selection: unknown) =>
      forgetConnections(
        ui,
        chosenOf(argument, selection, "connection").flatMap(({ saved }) => saved ?? []),
      ),
  };
}

function viewerCommands(ui: Ui, { panels, logs }: LateViewers) {
  return {
    [commandIds.revealViewer]: async (argument: unknown) =>
      (await panels()).show(await sessionFrom(ui, panels, argument)),
    [commandIds.openInBrowser]: async (argument: unknown) => {
      const url = await browserUrl(await ui.app(), await sessionFrom(ui, panels, argument), "open");
      if (url !== undefined) await vscode.env.openExternal(vscode.Uri.parse(url));
    },
    [commandIds.copyUrl]: async (argument: unknown) => {
      const url = await browserUrl(await ui.app(), await sessionFrom(ui, panels, argument), "copy");
      if (url !== undefined) await vscode.env.clipboard.writeText(url);
    },
    [commandIds.copyLink]: async (argument: unknown) => {
      const session = await sessionFrom(ui, panels, argument);
      const target = (await ui.app()).viewers.targetOf(session.id) ?? { host: session.host };
      const link = linkTo({ target: loginOf(target), root: session.root }, vscode.env.uriScheme);
      await vscode.env.clipboard.writeText(link);
    },
    [commandIds.reloadViewer]: async (argument: unknown) =>
      (await panels()).reload((await sessionFrom(ui, panels, argument)).id),
    [commandIds.showViewerLog]: async (argument: unknown) =>
      (await logs()).show(await sessionFrom(ui, panels, argument)),
    [commandIds.restartViewer]: async (argument: unknown) => {
      const { id } = await sessionFrom(ui, panels, argument);
      const { viewers } = await ui.app();
      const session = viewers.get(id);
      if (!session) return;
      // Nothing can be started in a job that has ended.
      if (endOfJob(session)) return vscode.commands.executeCommand(jobCommandIds.runAgain, id);
      if (session.state.kind === "reconnecting") {
        const host = hostName(session.host);
        const message = l10n.t("A viewer is restarted on its host, and {0} is being reconnected to.", host);
        return offer(message, l10n.t("Reconnect Now"), commandIds.reconnectViewer, id);
      }
      await withProgress(l10n.t("Restarting {0}", sessionTitle(session)), (signal) =>
        viewers.restart(id, { signal }),
      );
    },
    [commandIds.reconnectViewer]: async (argument: unknown) => {
      const { id } = await sessionFrom(ui, panels, argument);
      (await ui.app()).viewers.reconnect(id);
    },
    [commandIds.keepViewer]: async (argument: unknown) => {
      const session = await sessionFrom(ui, panels, argument);
      await (await ui.app()).viewers.keep(session.id);
      void vscode.window.showInformationMessage(
        l10n.t("{0} keeps running after VS Code closes. Stop it when you are done.", sessionTitle(session)),
      );
    },
    [commandIds.releaseViewer]: async (argument: unknown) => {
      const session = await sessionFrom(ui, panels, argument);
      await (await ui.app()).viewers.keep(session.id, false);
      void vscode.window.showInformationMessage(
        l10n.t("{0} ends after VS Code closes, as other viewers do.", sessionTitle(session)),
      );
    },
    [commandIds.stopViewer]: async (argument: unknown, selection: unknown) => {
      const app = await ui.app();
      const chosen = chosenOf(argument, selection, "session").map(({ session }) => session.id);
      const ids = typeof argument === "string" ? [argument] : chosen;
      // Also sessions that left the list without a confirmed end.
      const ended = ids.flatMap((id) => app.viewers.endOf(id) ?? app.viewers.get(id) ?? []);
      const sessions = ended.length > 0 ? ended : [await sessionFrom(ui, panels, argument)];
      const shown = await panels();
      await stopViewers(ui, app, sessions, (id) => shown.isVisible(id));
    },
  };
}

function knownHostCommands(ui: Ui) {
  return {
    [commandIds.copyFingerprint]: async (argument: unknown) => {
      const entry = dataOf(argument, "knownHost")?.entry;
      if (entry) await vscode.env.clipboard.writeText(entry.key.fingerprint);
    },
    [commandIds.removeKnownHost]: async (argument: unknown, selection: unknown) =>
      removeKnownHosts(
        await ui.app(),
        chosenOf(argument, selection, "knownHost").map(({ entry }) => entry),
      ),
    [commandIds.importKnownHosts]: async () => importKnownHosts(await ui.app()),
    [commandIds.replaceHostKey]: async (argument: unknown) =>
      replaceHostKey(
        await ui.app(),
        typeof argument === "string" ? argument : dataOf(argument, "changedKey")?.changed.name,
      ),
  };
}

/** Runs the default action of an item. */
async function openItem(node: TreeNode | undefined): Promise<void> {
  if (node?.data.kind === "job")
    return vscode.commands.executeCommand(commandIds.openLastViewer, node.data.host?.id);
  const command = node && commandOf(node.data);
  if (command) await vscode.commands.executeCommand(command, node);
}

function commandOf(data: NodeData): CommandId | undefined {
  switch (data.kind) {
    case "connection":
      return data.saved ? commandIds.openLastViewer : commandIds.connect;
    case "session":
      return data.session.state.kind === "stopped" ? commandIds.stopViewer : commandIds.revealViewer;
    case "changedKey":
      return commandIds.replaceHostKey;
    case "connect":
      return commandIds.connect;
    case "job":
    case "group":
    case "knownHost":
    case "knownHosts":
      return undefined;
  }
}

/** The session of a command: of its tree item, by id, of the active panel, or picked. */
async function sessionFrom(ui: Ui, panels: LateViewers["panels"], argument: unknown): Promise<ViewerSession> {
  const app = await ui.app();
  const id =
    dataOf(argument, "session")?.session.id ??
    (typeof argument === "string" ? argument : (await panels()).activeSessionId);
  const session = id === undefined ? undefined : app.viewers.get(id);
  if (session) return session;
  const items = app.viewers.sessions.map((one) => ({
    label: sessionTitle(one),
    description: sessionStateText(one, jobOfSession(app, one)),
    session: one,
  }));
  if (items.length === 0) {
    void offer(l10n.t("No viewer is running."), l10n.t("Open Last Viewer"), commandIds.openLastViewer);
    throw new Cancelled();
  }
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Choose a viewer") });
  if (!picked) throw new Cancelled();
  return picked.session;
}

async function pickConnection({ connections }: App): Promise<Connection> {
  const hosts = connections.all.filter(({ target }) => !jobOf(target));
  const { id } = await pickHost(hosts.map((one) => ({ id: one.id, host: one.target.host, ids: [one.id] })));
  const connection = connections.get(id);
  if (!connection) throw new Cancelled();
  return connection;
}

async function pickHost(hosts: readonly HeldHost[]): Promise<HeldHost> {
  const items = hosts.map((one) => ({ label: hostName(one.host), description: displayText(one.id), one }));
  if (items.length === 0) {
    void offer(l10n.t("No host is connected."), l10n.t("Connect to Host…"), commandIds.connect);
    throw new Cancelled();
  }
  const picked =
    items.length === 1
      ? items[0]
      : await vscode.window.showQuickPick(items, { title: l10n.t("Choose a host") });
  if (!picked) throw new Cancelled();
  return picked.one;
}

/** Shows a message that there is nothing to work with, and a button that changes that. */
async function offer(
  message: string,
  label: string,
  command: CommandId,
  ...args: readonly string[]
): Promise<void> {
  if ((await vscode.window.showInformationMessage(message, label)) === label)
    await vscode.commands.executeCommand(command, ...args);
}
