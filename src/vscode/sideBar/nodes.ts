import type { App } from "../../app.js";
import { hostFieldMatches, knownHostsName } from "../../ssh/hostKeys/knownHostsFile.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { type Host, hostsOf } from "../connections/hosts.js";
import type { Node } from "../kit/treeView.js";
import {
  changedKeyItem,
  connectionItem,
  connectItem,
  knownHostItem,
  knownHostsItem,
  sessionItem,
} from "./items.js";

/** What a command receives from the item it was chosen on. */
export type NodeData =
  | ({ readonly kind: "connection" } & Host)
  | { readonly kind: "session"; readonly session: ViewerSession }
  | { readonly kind: "knownHost"; readonly entry: KnownHostEntry }
  | { readonly kind: "changedKey"; readonly changed: ChangedKey }
  | { readonly kind: "connect" }
  | { readonly kind: "knownHosts" };

export type TreeNode = Node<NodeData>;

/** Hosts with their viewers, and at the end the keys of known hosts. None where there is nothing of either. */
export async function connectionNodes(app: App): Promise<TreeNode[]> {
  const [saved, entries] = await Promise.all([app.savedConnections.list(), app.knownHosts.list()]);
  const hosts = hostsOf(app, saved).map((host): TreeNode => ({
    item: connectionItem(host),
    data: { kind: "connection", ...host },
    children: host.sessions.map((session) => ({
      item: sessionItem(session, app.viewers.carriedBy(session.id), app.viewers.isRefusedBySsh(session.id)),
      data: { kind: "session", session },
    })),
  }));
  const { changed } = app.knownHosts;
  if (entries.length === 0 && changed.length === 0) return hosts;
  const knownHosts: TreeNode = {
    item: knownHostsItem(entries.length, changed.length),
    data: { kind: "knownHosts" },
    children: () => Promise.resolve(keyNodes(app, entries)),
  };
  return [...(hosts.length > 0 ? hosts : [connectNode()]), knownHosts];
}

function connectNode(): TreeNode {
  return { item: connectItem(), data: { kind: "connect" } };
}

function keyNodes({ knownHosts, connections }: App, entries: readonly KnownHostEntry[]): TreeNode[] {
  const open = connections.all.map(({ endpoint, target }) => ({
    name: knownHostsName(endpoint.host, endpoint.port),
    called: target.host,
  }));
  const namesOf = ({ hosts }: KnownHostEntry): string[] =>
    open.filter(({ name }) => hostFieldMatches(hosts, name)).map(({ called }) => called);
  return [
    ...knownHosts.changed.map((changed): TreeNode => ({
      item: changedKeyItem(changed),
      data: { kind: "changedKey", changed },
    })),
    ...entries.map((entry): TreeNode => ({
      item: knownHostItem(entry, namesOf(entry)),
      data: { kind: "knownHost", entry },
    })),
  ];
}
