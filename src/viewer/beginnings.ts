import { Cancelled, Failure, type FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Connections } from "../ssh/connections.js";
import type { Tunnels } from "../tunnel/tunnel.js";
import type { Hosts } from "./hosts.js";
import type { HostSession } from "./hostSessions.js";
import { launchViewer } from "./launchViewer.js";
import { createLife, environmentOf, type Life } from "./life.js";
import type { ViewerSession } from "./session.js";
import type { SessionStore, StoredSession } from "./sessionStore.js";
import type { SessionTable } from "./sessionTable.js";
import type { StartOptions, StartRequest } from "./viewers.js";

/** The three ways in which a session begins. */
export interface Beginnings {
  /** Launches a viewer for a session that is in the table; a start that fails leaves neither. */
  start(
    life: Life,
    connection: Connection,
    request: StartRequest,
    options: StartOptions,
  ): Promise<ViewerSession>;
  /** Takes over one that lives on its host. */
  adopt(connection: Connection, found: HostSession): Promise<void>;
  /** Puts back one that this machine remembers, before its host is reached. */
  restore(entry: StoredSession): Promise<void>;
}

export interface BeginningsOptions {
  readonly table: SessionTable;
  readonly hosts: Hosts;
  readonly tunnels: Tunnels;
  readonly connections: Connections;
  readonly store: SessionStore;
  readonly graceSeconds: () => number;
  /** Takes away what a start that failed has made. */
  readonly cleanUp: (life: Life) => Promise<void>;
  readonly logger: Logger;
}

export function createBeginnings(options: BeginningsOptions): Beginnings {
  const { table, hosts, tunnels, connections, store, graceSeconds, cleanUp, logger } = options;

  const launch = async (
    life: Life,
    connection: Connection,
    request: StartRequest,
    { signal: given, onProgress }: StartOptions,
  ): Promise<ViewerSession> => {
    const { session } = life;
    const signal = anySignal(life.cancelled.signal, given);
    onProgress?.("launching");
    const { environment } = request;
    const { remote, root } = await launchViewer(
      connection,
      {
        sessionId: session.id,
        python: environment.python,
        environmentName: environment.name,
        root: request.root,
        createRoot: request.createRoot ?? false,
        port: request.remotePort,
        graceSeconds: graceSeconds(),
        facts: {
          environmentName: environment.name,
          environmentKind: environment.kind,
          startedAt: session.startedAt,
        },
      },
      signal,
    );
    life.session = { ...life.session, root };
    table.apply(life, { kind: "viewer-answered", remote });
    onProgress?.("opening-tunnel");
    const tunnel = await tunnels.open(
      connection,
      {
        remote: { host: "127.0.0.1", port: remote.port },
        ...(request.localPort && { localPort: request.localPort }),
      },
      signal,
    );
    hosts.useTunnel(life, tunnel);
    if (signal.aborted) throw new Cancelled();
    life.heardAt = Date.now();
    table.apply(life, { kind: "tunnel-opened", localPort: tunnel.localPort });
    table.remember(life);
    void hosts.of(connection.id, connection.target, connection).renewNow();
    return life.session;
  };

  const run = (
    life: Life,
    connection: Connection,
    request: StartRequest,
    startOptions: StartOptions,
  ): Promise<ViewerSession> => {
    const work = launch(life, connection, request, startOptions).catch(async (error: unknown) => {
      table.apply(life, { kind: "stop-requested" });
      await cleanUp(life).catch((reason: unknown) => logger.error(`clean-up: ${String(reason)}`));
      table.apply(life, { kind: "ended" });
      throw error;
    });
    life.starting = work;
    return work;
  };

  const adoptOne = async (connection: Connection, found: HostSession): Promise<void> => {
    const { id, remote, facts, python, root } = found;
    const entry = (await store.list()).find((one) => one.id === id);
    if (table.has(id)) return;
    const life = createLife(
      {
        id,
        connectionId: connection.id,
        host: connection.target.host,
        environment: environmentOf(python, facts, remote.runicornVersion),
        root,
        startedAt: facts.startedAt,
        kept: entry?.kept ?? false,
        state: { kind: "starting", phase: "opening-tunnel", remote },
      },
      connection.target,
    );
    table.add(life);
    hosts.of(connection.id, connection.target, connection);
    if (found.exitCode !== undefined) {
      await hosts.crashed(life, found.exitCode);
      return;
    }
    const address = { host: "127.0.0.1", port: remote.port };
    try {
      // The port of before, when it is free: a page in a browser goes on then.
      const before = entry && { localPort: entry.localPort };
      const tunnel = await tunnels
        .open(connection, { remote: address, ...before })
        .catch(() => tunnels.open(connection, { remote: address }));
      hosts.useTunnel(life, tunnel);
      table.apply(life, { kind: "tunnel-opened", localPort: tunnel.localPort });
      table.remember(life);
    } catch (error) {
      await table.fail(life, detailOf(error));
    }
  };

  const restoreOne = async (entry: StoredSession): Promise<void> => {
    if (table.has(entry.id)) return;
    const { id, connectionId, target, environmentName, environmentKind, startedAt } = entry;
    const facts = { environmentName, environmentKind, startedAt };
    const request = { remote: { host: "127.0.0.1", port: entry.remotePort } };
    const tunnel = await tunnels
      .reserve(connectionId, { ...request, localPort: entry.localPort })
      .catch(() => tunnels.reserve(connectionId, request));
    const life = createLife(
      {
        id,
        connectionId,
        host: target.host,
        environment: environmentOf(entry.python, facts, ""),
        root: entry.root,
        startedAt,
        kept: entry.kept,
        state: {
          kind: "reconnecting",
          remote: undefined,
          localPort: tunnel.localPort,
          cause: { code: "not-connected-yet" },
          wait: { kind: "connecting" },
        },
      },
      target,
    );
    if (table.has(id)) {
      await tunnel.close();
      return;
    }
    hosts.useTunnel(life, tunnel);
    table.add(life);
    const open = connections.get(connectionId);
    hosts.of(connectionId, target, open);
    const connection = hosts.connection(connectionId);
    if (connection) await hosts.lookAround(connectionId, connection);
  };

  return { start: run, adopt: adoptOne, restore: restoreOne };
}

/** The failure behind an error; one that has none is the loss of the connection. */
function detailOf(error: unknown): FailureDetail {
  return error instanceof Failure ? (error as Failure).detail : { code: "connection-lost" };
}

function anySignal(own: AbortSignal, given: AbortSignal | undefined): AbortSignal {
  return given ? AbortSignal.any([own, given]) : own;
}
