import { pause } from "../common/async/pause.js";
import type { Connections } from "../ssh/connections.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Target } from "../ssh/model/target.js";
import type { Tunnel, Tunnels } from "../tunnel/tunnel.js";
import type { Logger } from "../common/logger.js";
import type { LinesBefore } from "../environments/lines/lines.js";
import { isTunnelFailure } from "../tunnel/failures.js";
import { hostOfSession, reserveTunnel, tunnelWish } from "./hostOfSession.js";
import type { Hosts } from "./hosts.js";
import type { HostSession } from "./remote/hostSessions.js";
import { environmentOf, newSessionId } from "./session/facts.js";
import { LiveSession } from "./session/liveSession.js";
import type { ViewerSession } from "./session/session.js";
import type { SessionStore, StoredSession } from "./session/sessionStore.js";
import type { SessionTable } from "./session/sessionTable.js";
import type { Viewers } from "./viewers.js";
import { tellSessions, visitHost } from "./visitHost.js";

export interface StartSessionsOptions {
  readonly table: SessionTable;
  readonly hosts: Hosts;
  readonly tunnels: Tunnels;
  readonly connections: Connections;
  readonly store: SessionStore;
  readonly graceSeconds: () => number;
  /** Whether viewers on this host, as it was named, may listen on a port, which all its accounts reach. */
  readonly mayListenOnPort: (host: string) => boolean;
  /** What is to run on hosts before a viewer. Default: nothing. */
  readonly linesBefore?: LinesBefore | undefined;
  readonly logger: Logger;
}

/** Milliseconds that another program, which may be about to end, has to let go of a local port; and between two tries. */
const portPatience = 5_000;
const portInterval = 100;

/** The three ways in which a session begins: started, found on its host, remembered by this machine. */
export function startSessions(options: StartSessionsOptions): Pick<Viewers, "start" | "adopt" | "restore"> {
  const { table, hosts, store } = options;
  /** By the sessions' ids. A window asks for all of them, and each panel in it for its own. */
  const restoring = new Map<string, Promise<void>>();
  const restore = (entry: StoredSession): Promise<void> => {
    const present = restoring.get(entry.id);
    if (present) return present;
    const restored = restoreSession(options, entry).finally(() => restoring.delete(entry.id));
    restoring.set(entry.id, restored);
    return restored;
  };
  return {
    start: async (connection, request, startOptions) => {
      const live = addSession(options, connection.target, {
        id: newSessionId(),
        connectionId: connection.id,
        host: connection.target.host,
        environment: request.environment,
        root: request.root,
        startedAt: Date.now(),
        kept: false,
        openToPrograms: request.openToPrograms,
        state: { kind: "starting", phase: "launching", remote: undefined },
      });
      hosts.of(connection.id, connection.target, connection);
      const session = await live.start(request, startOptions);
      // Save before answering, so that the session is found again even if we are killed right away.
      await store.settled();
      return session;
    },
    adopt: async (connection) => {
      const { found } = await visitHost(connection, options);
      const stored = await store.list();
      // A viewer that another client is starting does not hold its port yet.
      // Jobs on one node see each other; each has a connection of its own.
      const isNew = ({ id, status, facts }: HostSession): boolean =>
        facts.job === connection.job?.id &&
        (status.kind === "running" || status.kind === "exited") &&
        !table.has(id);
      const entryOf = (id: string) => stored.find((entry) => entry.id === id);
      await Promise.all(
        found.filter(isNew).map((one) => adoptSession(options, connection, one, entryOf(one.id))),
      );
      // Saved: another window that closes now leaves them running.
      await store.settled();
    },
    restore: async (ids) => {
      const all = (await store.list()).filter(({ stopWanted }) => !stopWanted);
      const wanted: StoredSession[] = [];
      for (const entry of all) {
        if (ids ? ids.includes(entry.id) : !(await store.isElsewhere(entry))) wanted.push(entry);
      }
      await Promise.all(wanted.map(restore));
    },
  };
}

function addSession(
  { table, ...options }: StartSessionsOptions,
  target: Target,
  session: ViewerSession,
  tunnel?: Tunnel,
): LiveSession {
  const live: LiveSession = new LiveSession({
    session,
    target,
    host: hostOfSession(session.connectionId, target, {
      ...options,
      openToPrograms: session.openToPrograms,
      root: () => live.session.root,
      python: () => live.session.environment.python,
    }),
    ...(tunnel && { tunnel }),
    ...options,
  });
  table.add(live);
  return live;
}

/** Takes over one that lives on its host. */
function adoptSession(
  options: StartSessionsOptions,
  connection: Connection,
  { id, remote, facts, python, root, status }: HostSession,
  entry: StoredSession | undefined,
): Promise<void> {
  const live = addSession(options, connection.target, {
    id,
    connectionId: connection.id,
    host: connection.target.host,
    environment: environmentOf(python, facts, remote.runicornVersion),
    root,
    startedAt: facts.startedAt,
    machine: remote.machine,
    kept: entry?.kept ?? false,
    openToPrograms: entry?.openToPrograms,
    state: { kind: "starting", phase: "opening-tunnel", remote },
  });
  options.hosts.of(connection.id, connection.target, connection);
  // The port of before, when it is free: a page in a browser goes on then.
  return live.adopt(status, entry?.localPort);
}

/**
 * A tunnel with the session's local port. After a reload, the previous process may not have released the port yet, so
 * this waits a moment; if another window uses the port, another one is taken.
 */
async function reserveTunnelOfBefore(
  { tunnels, store, hosts }: StartSessionsOptions,
  entry: StoredSession,
): Promise<Tunnel> {
  const { connectionId, root, localPort, openToPrograms } = entry;
  const wish = { ...tunnelWish(hosts, connectionId, root, localPort), openToPrograms };
  const deadline = performance.now() + portPatience;
  while (performance.now() < deadline && (await store.isElsewhere(entry))) {
    try {
      return await tunnels.reserve(connectionId, wish);
    } catch (error) {
      if (!isTunnelFailure(error, "local-port-taken")) throw error;
      await pause(portInterval);
    }
  }
  return reserveTunnel(tunnels, connectionId, wish);
}

/** Puts back one that this machine remembers, before its host is reached. */
async function restoreSession(options: StartSessionsOptions, entry: StoredSession): Promise<void> {
  const { table, hosts, connections } = options;
  const { id, connectionId, target, environmentName, environmentKind, startedAt } = entry;
  if (table.has(id)) return;
  const tunnel = await reserveTunnelOfBefore(options, entry);
  if (table.has(id)) return tunnel.close();
  const session: ViewerSession = {
    id,
    connectionId,
    host: target.host,
    environment: environmentOf(entry.python, { environmentName, environmentKind, startedAt }, ""),
    root: entry.root,
    startedAt,
    machine: entry.machine,
    kept: entry.kept,
    openToPrograms: entry.openToPrograms,
    state: {
      kind: "reconnecting",
      remote: undefined,
      localPort: tunnel.localPort,
      cause: { code: "not-connected-yet" },
      wait: { kind: "connecting" },
    },
  };
  addSession(options, target, session, tunnel);
  hosts.of(connectionId, target, connections.get(connectionId));
  const connection = hosts.connection(connectionId);
  if (connection) tellSessions(table, connectionId, await visitHost(connection, options));
}
