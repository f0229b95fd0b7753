import type { App } from "../../app.js";
import { byRecent, type SavedConnection } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import { formatTarget } from "../../ssh/model/target.js";
import type { TunnelBackend } from "../../tunnel/tunnel.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { changedKeyItem, connectionItem, knownHostItem, sessionItem } from "./items.js";
import type { Node } from "../kit/treeView.js";

/** What a command receives from the item it was chosen on. */
export type NodeData =
  | {
      readonly kind: "connection";
      readonly saved: SavedConnection | undefined;
      readonly connection: Connection | undefined;
      /** The id of one that was lost, and that viewers wait for. */
      readonly awaited: string | undefined;
    }
  | { readonly kind: "session"; readonly session: ViewerSession }
  | { readonly kind: "knownHost"; readonly entry: KnownHostEntry }
  | { readonly kind: "changedKey"; readonly changed: ChangedKey };

export type TreeNode = Node<NodeData>;

export async function connectionNodes({ savedConnections, connections, viewers }: App): Promise<TreeNode[]> {
  const saved = byRecent(await savedConnections.list());
  const isSame = (one: SavedConnection, connection: Connection): boolean =>
    formatTarget(one.target) === formatTarget(connection.target);
  const node = (one: SavedConnection | undefined, connection: Connection | undefined): TreeNode => {
    const waiting = viewers.sessions.find(
      ({ host, state }) => host === one?.target.host && state.kind === "reconnecting",
    );
    const awaited = connection ? undefined : waiting?.connectionId;
    const id = connection?.id ?? awaited;
    const sessions = viewers.sessions.filter(({ connectionId }) => connectionId === id);
    return {
      item: connectionItem(one, connection, sessions.length, awaited !== undefined),
      data: { kind: "connection", saved: one, connection, awaited },
      children: sessions.map((session) => sessionNode(session, viewers.carriedBy(session.id))),
    };
  };
  const unsaved = connections.all.filter((connection) => !saved.some((one) => isSame(one, connection)));
  return [
    ...saved.map((one) =>
      node(
        one,
        connections.all.find((connection) => isSame(one, connection)),
      ),
    ),
    ...unsaved.map((connection) => node(undefined, connection)),
  ];
}

export function sessionNodes({ viewers }: App): TreeNode[] {
  const all = [...viewers.sessions, ...viewers.unconfirmed];
  return all.map((session) => sessionNode(session, viewers.carriedBy(session.id)));
}

function sessionNode(session: ViewerSession, carriedBy: TunnelBackend | undefined): TreeNode {
  return { item: sessionItem(session, carriedBy), data: { kind: "session", session } };
}

export async function knownHostNodes({ knownHosts }: App): Promise<TreeNode[]> {
  const refused = knownHosts.changed.map((changed): TreeNode => ({
    item: changedKeyItem(changed),
    data: { kind: "changedKey", changed },
  }));
  const entries = (await knownHosts.list()).map((entry): TreeNode => ({
    item: knownHostItem(entry),
    data: { kind: "knownHost", entry },
  }));
  return [...refused, ...entries];
}
