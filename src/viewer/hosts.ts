import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { pause } from "../common/pause.js";
import type { Connection } from "../ssh/connection.js";
import type { Connections } from "../ssh/connections.js";
import { createSemaphore } from "../ssh/semaphore.js";
import type { Target } from "../ssh/target.js";
import type { Tunnel } from "../tunnel/tunnel.js";
import { createHost, type Host } from "./host.js";
import { listHostSessions, readViewerLog, stopViewer } from "./hostSessions.js";
import type { RemoteStatus } from "./leaseChannel.js";
import { type Life, remoteOf } from "./life.js";
import { reconnectPolicy } from "./reconnectPolicy.js";
import type { RemoteViewer, ViewerFailure } from "./session.js";
import type { SessionStore } from "./sessionStore.js";
import type { SessionTable } from "./sessionTable.js";

/** The hosts that have sessions. Their sessions are led on over a new connection when one is lost. */
export interface Hosts {
  /** The host of a connection, from now on kept in reach for as long as it has sessions. */
  of(connectionId: string, target: Target, connection: Connection | undefined): Host;
  get(connectionId: string): Host | undefined;
  /** The open connection to it; undefined while it is lost. */
  connection(connectionId: string): Connection | undefined;
  readonly all: readonly Host[];
  /** Gives a session its tunnel, which is led on when it is lost. */
  useTunnel(life: Life, tunnel: Tunnel): void;
  /** The viewer ended by itself: its session stays, to be looked at and started again. */
  crashed(life: Life, exitCode: number): Promise<void>;
  /** Looks at the sessions of a host that can be reached again, and leads them on. */
  lookAround(connectionId: string, connection: Connection): Promise<void>;
}

export interface HostsOptions {
  readonly table: SessionTable;
  readonly connections: Connections;
  readonly store: SessionStore;
  readonly graceSeconds: () => number;
  readonly connectAgain: (target: Target, attended: boolean, signal: AbortSignal) => Promise<Connection>;
  readonly logger: Logger;
}

/** Failures of a tunnel that no later try mends. */
const inVain: ReadonlySet<string> = new Set(["forwarding-refused", "tunnel-host-key-refused"]);

/** Bytes of a crashed viewer's log that are shown. */
const crashLogBytes = 4_000;
/** Tries to reconnect at the same time, over all hosts. */
const reconnectsAtOnce = 4;

export function createHosts(options: HostsOptions): Hosts {
  const { table, connections, store, graceSeconds, connectAgain, logger } = options;
  const hosts = new Map<string, Host>();
  const gate = createSemaphore(reconnectsAtOnce);
  table.onDidEmpty((connectionId) => {
    hosts.get(connectionId)?.dispose();
    hosts.delete(connectionId);
  });

  // Somebody connected again meanwhile: no need to wait for the next try.
  connections.onDidChange(() => {
    for (const { link } of hosts.values()) {
      if (link.state.kind === "down" && connections.get(link.connectionId)) link.retry();
    }
  });

  const connectionOf = (connectionId: string): Connection | undefined =>
    hosts.get(connectionId)?.connection ?? connections.get(connectionId);

  const hostOf = (connectionId: string, target: Target, connection: Connection | undefined): Host => {
    const present = hosts.get(connectionId);
    if (present) return present;
    const made = createHost({
      connectionId,
      ...(connection && { connection }),
      // What the person answered is remembered only as long as this program lives.
      reconnect: (attended, signal) =>
        connections.isKnown(connectionId)
          ? connections.reopen(connectionId, attended, signal)
          : connectAgain(target, attended, signal),
      gate,
      graceSeconds: graceSeconds(),
      sessions: () => table.of(connectionId).map(({ session }) => session),
      onStatus: (statuses) => hearStatuses(connectionId, statuses),
      onUp: (opened) => lookAround(connectionId, opened),
      onDown: (cause, wait) => {
        for (const life of table.of(connectionId)) {
          table.apply(life, { kind: "connection-lost", cause, wait });
          table.apply(life, { kind: "reconnect-waits", wait });
        }
      },
      logger,
    });
    hosts.set(connectionId, made);
    return made;
  };

  const hearStatuses = (connectionId: string, statuses: ReadonlyMap<string, RemoteStatus>): void => {
    for (const life of table.of(connectionId)) {
      const status = statuses.get(life.session.id);
      if (!status || (life.session.state.kind !== "running" && life.session.state.kind !== "reconnecting"))
        continue;
      switch (status.kind) {
        case "running":
          life.heardAt = Date.now();
          break;
        case "exited":
          void crashed(life, status.exitCode);
          break;
        case "gone":
          void gone(life);
      }
    }
  };

  /** The viewer ended by itself. Its session stays, to be looked at and started again. */
  const crashed = async (life: Life, exitCode: number): Promise<void> => {
    const connection = connectionOf(life.session.connectionId);
    const log = connection
      ? await readViewerLog(connection, life.session.id, "end", crashLogBytes).catch(() => undefined)
      : undefined;
    const failure: ViewerFailure = {
      code: "viewer-exited",
      exitCode: exitCode < 0 ? undefined : exitCode,
      log: log?.text ?? "",
    };
    await table.fail(life, failure);
  };

  /** Nothing of it is left on the host: somebody else stopped it, or its lease ran out while we were away. */
  const gone = async (life: Life): Promise<void> => {
    const seconds = graceSeconds();
    // The host counts from the last renewal that reached it, which may have been before the last one that we know of.
    const leaseEnded = !life.session.kept && Date.now() - life.heardAt > (seconds * 1000) / 2;
    if (leaseEnded) {
      await table.fail(life, { code: "viewer-lease-ended", host: life.session.host, seconds });
      return;
    }
    await table.closeTunnel(life);
    await store.remove(life.session.id);
    table.apply(life, { kind: "ended" });
  };

  const useTunnel = (life: Life, tunnel: Tunnel): void => {
    life.tunnel = tunnel;
    tunnel.onDidLose((cause) => {
      if (life.tunnel !== tunnel) return;
      table.apply(life, { kind: "connection-lost", cause, wait: { kind: "connecting" } });
      // The connection may live on: then only the tunnel is to be led anew.
      const connection = connectionOf(life.session.connectionId);
      const remote = remoteOf(life.session);
      if (connection?.state === "open" && remote) void comeBack(life, connection, remote);
    });
  };

  /** After the way is open again: one exec tells how the sessions of the host are. */
  const lookAround = async (connectionId: string, connection: Connection): Promise<void> => {
    const found = await listHostSessions(connection);
    const wanted = (await store.list()).filter(({ stopWanted }) => stopWanted);
    await Promise.all(
      found.map(async (one) => {
        if (!wanted.some(({ id }) => id === one.id)) return;
        await stopViewer(connection, one.id, one.remote);
        await store.remove(one.id);
      }),
    );
    for (const life of table.of(connectionId)) {
      if (life.session.state.kind !== "reconnecting") continue;
      const there = found.find(({ id }) => id === life.session.id);
      if (!there) void gone(life);
      else if (there.exitCode !== undefined) void crashed(life, there.exitCode);
      else void comeBack(life, connection, there.remote);
    }
  };

  /** Leads the tunnel on over the connection, again and again for as long as that lives. */
  const comeBack = async (life: Life, connection: Connection, remote: RemoteViewer): Promise<void> => {
    if (life.returning) return;
    life.returning = true;
    const { signal } = life.cancelled;
    try {
      for (let policy = reconnectPolicy(); isWaiting(life, connection); policy = policy.next()) {
        await pause(policy.delay, signal);
        if (!isWaiting(life, connection)) return;
        try {
          await life.tunnel?.resume(connection, signal);
          if (life.tunnel?.backend === undefined) continue;
          life.heardAt = Date.now();
          table.apply(life, { kind: "reconnected", remote });
          table.remember(life);
          return;
        } catch (error) {
          if (error instanceof Failure && inVain.has((error as Failure).detail.code)) {
            await table.fail(life, (error as Failure).detail);
            return;
          }
          logger.info(`session ${life.session.id}: the tunnel does not come back: ${String(error)}`);
        }
      }
    } finally {
      life.returning = false;
    }
  };

  const isWaiting = (life: Life, connection: Connection): boolean =>
    life.session.state.kind === "reconnecting" &&
    connection.state === "open" &&
    !life.cancelled.signal.aborted;

  return {
    of: hostOf,
    get: (connectionId) => hosts.get(connectionId),
    connection: connectionOf,
    get all() {
      return [...hosts.values()];
    },
    useTunnel,
    crashed,
    lookAround,
  };
}
