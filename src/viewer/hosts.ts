import { createSemaphore } from "../common/async/semaphore.js";
import type { Logger } from "../common/logger.js";
import type { Connections } from "../ssh/connections.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Target } from "../ssh/model/target.js";
import { createHost, type Host } from "./host/host.js";
import type { OnStatus } from "./host/leaseRenewal.js";
import type { SessionStore } from "./session/sessionStore.js";
import type { SessionTable } from "./session/sessionTable.js";
import { endOfPlace } from "./endOfPlace.js";
import { carryOutStops, tellSessions, visitHost } from "./visitHost.js";

/** The hosts that have sessions. Each is reconnected to for as long as it has one. */
export interface Hosts {
  /** The host of a connection. */
  of(connectionId: string, target: Target, connection: Connection | undefined): Host;
  get(connectionId: string): Host | undefined;
  /** The open connection to it; undefined while it is lost. */
  connection(connectionId: string): Connection | undefined;
  readonly all: readonly Host[];
  /** Resolves when what was to be stopped on hosts that were connected to is stopped, or could not be. */
  settled(): Promise<void>;
}

export interface HostsOptions {
  readonly table: SessionTable;
  readonly connections: Connections;
  readonly store: SessionStore;
  readonly graceSeconds: () => number;
  /** Connects to the host of a session that an earlier process left in `sessions.json`. */
  readonly connectAgain: (target: Target, attended: boolean, signal: AbortSignal) => Promise<Connection>;
  readonly logger: Logger;
}

/** Tries to reconnect at the same time, over all hosts. */
const reconnectsAtOnce = 4;
/** How often one connection is offered to a way that is down. */
const mostNudges = 8;

export function createHosts(options: HostsOptions): Hosts {
  const { table, connections, logger } = options;
  const seen = new WeakSet<Connection>();
  const underWay = new Set<Promise<void>>();
  const hosts = new Map<string, Host>();
  const gate = createSemaphore(reconnectsAtOnce);
  table.onDidEmpty((connectionId) => {
    hosts.get(connectionId)?.dispose();
    hosts.delete(connectionId);
  });
  const nudges = new WeakMap<Connection, number>();
  /** Somebody else connected to it: retry now. */
  const nudge = (connectionId: string): void => {
    const link = hosts.get(connectionId)?.link;
    const open = connections.get(connectionId);
    if (link?.state.kind !== "down" || link.state.wait.kind === "connecting" || open?.state !== "open")
      return;
    const count = nudges.get(open) ?? 0;
    if (count >= mostNudges) return;
    nudges.set(open, count + 1);
    link.retry();
  };
  connections.onDidChange(() => {
    for (const connectionId of hosts.keys()) nudge(connectionId);
    for (const connection of connections.all.filter((one) => one.state === "open" && !seen.has(one))) {
      seen.add(connection);
      const work = carryOutStops(connection, options)
        .catch((error: unknown) =>
          logger.info(`${connection.id}: what was to be stopped there is not: ${String(error)}`),
        )
        .finally(() => underWay.delete(work));
      underWay.add(work);
    }
  });
  return {
    of: (connectionId, target, connection) => {
      const present = hosts.get(connectionId);
      if (present) return present;
      const made = createHost({
        connectionId,
        ...(connection && { connection }),
        reconnect: wayBack(connectionId, target, options),
        gate,
        graceSeconds: options.graceSeconds(),
        sessions: () => table.of(connectionId).map(({ session }) => session),
        onStatus: tellStatuses(table, connectionId),
        onUp: async (opened) => tellSessions(table, connectionId, await visitHost(opened, options)),
        onDown: (cause, wait) => {
          const end = endOfPlace(wait);
          for (const live of table.of(connectionId)) {
            if (end) live.hear({ kind: "place-ended", failure: end }, performance.now());
            else live.connectionLost(cause, wait);
          }
          // An attempt that failed may have begun before this connection was open: retry now.
          nudge(connectionId);
        },
        logger,
      });
      hosts.set(connectionId, made);
      return made;
    },
    get: (connectionId) => hosts.get(connectionId),
    connection: (connectionId) => hosts.get(connectionId)?.connection ?? connections.get(connectionId),
    settled: async () => void (await Promise.all(underWay)),
    get all() {
      return [...hosts.values()];
    },
  };
}

/** How a host is connected to again. */
function wayBack(connectionId: string, target: Target, { connections, connectAgain }: HostsOptions) {
  // What the person answered is remembered only as long as this program lives.
  return (attended: boolean, signal: AbortSignal): Promise<Connection> =>
    connections.isKnown(connectionId)
      ? connections.reopen(connectionId, attended, signal)
      : connectAgain(target, attended, signal);
}

function tellStatuses(table: SessionTable, connectionId: string): OnStatus {
  return (statuses, askedAt) => {
    for (const live of table.of(connectionId)) {
      const status = statuses.get(live.session.id);
      if (status) live.hear(status, askedAt);
    }
  };
}
