import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { groupOf } from "../../connectionOrder.js";
import type { Glance } from "../../glance/glances.js";
import type { SavedConnection } from "../../savedConnections.js";
import { listHostAliases } from "../../ssh/config/hostAliases.js";
import { hostFieldMatches, knownHostsName } from "../../ssh/hostKeys/knownHostsFile.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { jobStateText } from "../../messages/slurm/jobWords.js";
import { isWaiting } from "../../slurm/model/job.js";
import type { WatchedJob } from "../../slurm/slurm.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";
import { type Host, hostsOf } from "../connections/hosts.js";
import type { Item } from "../kit/item.js";
import { arrangedHosts, hostAt } from "./arrangedHosts.js";
import type { Node } from "../kit/treeView.js";
import {
  changedKeyItem,
  connectionItem,
  connectionItemId,
  connectItem,
  groupItem,
  groupItemId,
  jobItem,
  jobItemId,
  knownHostItem,
  knownHostsItem,
  offeredHostItem,
  sessionItem,
  sessionItemId,
} from "./items.js";
import { jobOfSession } from "../jobKit/jobOfSession.js";
import { sessionStateText } from "../viewers/sessionWords.js";
import type { WindowPlaces } from "../places/placesOf.js";
import { windowPlaces } from "../places/windowPlaces.js";
import type { KeptItems } from "./keptItems.js";

/** The data that a command gets from its tree item. */
export type NodeData =
  | ({ readonly kind: "connection" } & Host)
  /** `host`: the saved connection of the viewer. */
  | { readonly kind: "session"; readonly session: ViewerSession; readonly host: SavedConnection | undefined }
  /** A queued job of ours. `target`: its login node. */
  | {
      readonly kind: "job";
      readonly job: WatchedJob;
      readonly target: Target;
      readonly host: SavedConnection | undefined;
    }
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "knownHost"; readonly entry: KnownHostEntry }
  | { readonly kind: "changedKey"; readonly changed: ChangedKey }
  | { readonly kind: "connect" }
  | { readonly kind: "knownHosts" };

export type TreeNode = Node<NodeData>;

/** Maximum number of suggested hosts; the quick pick for hosts lists more. */
const mostOffered = 20;

/**
 * Hosts with their viewers, and at the end the known host keys. Without saved hosts, suggests those of ~/.ssh/config.
 * The host that the window is on comes first, or this machine if the window is on it.
 * @param glanceOf the glance to show for a connection.
 * @param kept cache of the items, so that unchanged ones stay the same.
 */
export async function connectionNodes(
  app: App,
  glanceOf: (connectionId: string) => Glance | undefined,
  kept: KeptItems<Item>,
  places: WindowPlaces = windowPlaces(),
): Promise<TreeNode[]> {
  const [saved, entries] = await Promise.all([app.savedConnections.list(), app.knownHosts.list()]);
  const nodeOf = (host: Host): TreeNode => hostNode(app, host, { glanceOf, kept, places });
  const { first, others, last } = arrangedHosts(hostsOf(app, saved), places);
  const offered = others.length > 0 ? [] : await offeredNodes(app, places);
  const shown = [...first.map(nodeOf), ...inGroups(others, kept, nodeOf), ...offered, ...last.map(nodeOf)];
  kept.endRound();
  const { changed } = app.knownHosts;
  const isEmpty = entries.length === 0 && changed.length === 0;
  const nodes = others.length > 0 || (isEmpty && shown.length === 0) ? shown : [...shown, connectNode()];
  if (isEmpty) return nodes;
  const knownHosts: TreeNode = {
    item: knownHostsItem(entries.length, changed.length),
    data: { kind: "knownHosts" },
    children: () => Promise.resolve(keyNodes(app, entries)),
  };
  return [...nodes, knownHosts];
}

/** What is needed to create the item of a host. */
interface Making {
  readonly glanceOf: (connectionId: string) => Glance | undefined;
  readonly kept: KeptItems<Item>;
  readonly places: WindowPlaces;
}

function hostNode(app: App, host: Host, { glanceOf, kept, places }: Making): TreeNode {
  const { viewers } = app;
  const { id, saved, connection, awaited, sessions, state } = host;
  const inJobs = new Map(sessions.map((session) => [session, jobOfSession(app, session)]));
  const jobs = app.slurm.watched.filter(
    ({ loginId, state: now }) => loginId === (connection?.id ?? awaited) && isWaiting(now),
  );
  const glance = connection && glanceOf(connection.id);
  const failure = state.kind === "needs-person" ? state.failure : undefined;
  // The id of an unsaved host is derived from its target.
  const place = remarkOn(host, places);
  const parts = [
    saved,
    connection,
    awaited,
    sessions.length > 0,
    jobs.length > 0,
    state.kind,
    failure,
    glance,
    place,
  ];
  return {
    item: kept.of(connectionItemId(id), parts, () => connectionItem(host, glance, place, jobs.length)),
    data: { kind: "connection", ...host },
    children: [
      ...sessions.map((session): TreeNode => {
        const job = inJobs.get(session);
        const [backend, isRefused] = [viewers.backendOf(session.id), viewers.isRefusedBySsh(session.id)];
        return {
          item: kept.of(
            sessionItemId(session.id),
            [session, backend, isRefused, sessionStateText(session, job)],
            () => sessionItem(session, backend, isRefused, job),
          ),
          data: { kind: "session", session, host: saved },
        };
      }),
      ...jobs.map((job): TreeNode => {
        const { host: name } = host.target;
        const item = kept.of(jobItemId(name, job.jobId), [jobStateText(job.state)], () => jobItem(job, name));
        return { item, data: { kind: "job", job, target: host.target, host: saved } };
      }),
    ],
  };
}

/** Groups with their hosts, then ungrouped hosts, both in order. */
function inGroups(
  hosts: readonly Host[],
  kept: KeptItems<Item>,
  nodeOf: (host: Host) => TreeNode,
): TreeNode[] {
  const groupOfHost = ({ saved }: Host): string | undefined => saved && groupOf(saved);
  const names = [...new Set(hosts.flatMap((host) => groupOfHost(host) ?? []))];
  const groups = names.map((name): TreeNode => {
    const children = hosts.filter((host) => groupOfHost(host) === name).map(nodeOf);
    const item = kept.of(groupItemId(name), [children.length], () => groupItem(name, children.length));
    return { item, data: { kind: "group", name }, children };
  });
  return [...groups, ...hosts.filter((host) => groupOfHost(host) === undefined).map(nodeOf)];
}

/** A remark on where a host is. */
function remarkOn({ target }: Host, { host, hereText }: WindowPlaces): string | undefined {
  if (isThisMachine(target)) return hereText;
  const isWindows = host && formatTarget(host.target) === formatTarget(target);
  return isWindows ? l10n.t("the host of this window") : undefined;
}

/** Hosts of ~/.ssh/config, to connect with one click. */
async function offeredNodes({ ssh }: App, { host }: WindowPlaces): Promise<TreeNode[]> {
  const aliases = await listHostAliases(homedir(), ssh.usersFile);
  const others = aliases.filter((alias) => !host || formatTarget(host.target) !== alias);
  return others.slice(0, mostOffered).map((alias): TreeNode => {
    const one = hostAt({ host: alias });
    return { item: offeredHostItem(one), data: { kind: "connection", ...one } };
  });
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
