import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Connections } from "../ssh/connections.js";
import type { SshFailure } from "../ssh/failures.js";
import type { Target } from "../ssh/target.js";
import type { Tunnels } from "../tunnel/tunnel.js";
import { createBeginnings } from "./beginnings.js";
import { createEndings } from "./endings.js";
import { followLog } from "./followLog.js";
import { createHosts } from "./hosts.js";
import { listHostSessions, readViewerLog, stopViewer } from "./hostSessions.js";
import { createLife, newSessionId, remoteOf } from "./life.js";
import { answersHealth } from "./localHealth.js";
import type { ViewerFailure } from "./session.js";
import type { SessionStore } from "./sessionStore.js";
import { createSessionTable } from "./sessionTable.js";
import type { Viewers } from "./viewers.js";

export interface ViewersOptions {
  readonly tunnels: Tunnels;
  readonly connections: Connections;
  readonly store: SessionStore;
  /** Seconds that a viewer lives on without a client. */
  readonly graceSeconds: () => number;
  /** Connects to the host of a session that was remembered from an earlier life of this program. */
  readonly connectAgain: (target: Target, attended: boolean, signal: AbortSignal) => Promise<Connection>;
  readonly logger: Logger;
}

const defaultLogBytes = 256 * 1024;
/** Seconds of grace at least: a connection that is lost for a moment must not end a viewer. */
const shortestGrace = 2;

export function createViewers(options: ViewersOptions): Viewers {
  const { store, logger } = options;
  const graceSeconds = (): number => Math.max(shortestGrace, options.graceSeconds());
  const table = createSessionTable(store, logger);
  const hosts = createHosts({ ...options, table, graceSeconds });
  const endings = createEndings({ table, hosts, store, logger });
  const beginnings = createBeginnings({
    ...options,
    table,
    hosts,
    graceSeconds,
    cleanUp: (life) => endings.cleanUp(life),
  });

  return {
    get sessions() {
      return table.of().map(({ session }) => session);
    },
    onDidChange: table.onDidChange,
    get: (id) => table.get(id)?.session,
    start: (connection, request, startOptions = {}) => {
      const life = createLife(
        {
          id: newSessionId(),
          connectionId: connection.id,
          host: connection.target.host,
          environment: request.environment,
          root: request.root,
          startedAt: Date.now(),
          kept: false,
          state: { kind: "starting", phase: "launching", remote: undefined },
        },
        connection.target,
      );
      table.add(life);
      return beginnings.start(life, connection, request, startOptions);
    },
    adopt: async (connection) => {
      const found = await listHostSessions(connection);
      const wanted = (await store.list()).filter(({ stopWanted }) => stopWanted);
      await Promise.all(
        found.map(async (one) => {
          if (table.has(one.id)) return;
          if (wanted.some(({ id }) => id === one.id)) {
            await stopViewer(connection, one.id, one.remote);
            await store.remove(one.id);
          } else await beginnings.adopt(connection, one);
        }),
      );
    },
    restore: async (ids) => {
      const all = (await store.list()).filter(({ stopWanted }) => !stopWanted);
      const wanted = all.filter((entry) => (ids ? ids.includes(entry.id) : !store.isElsewhere(entry)));
      await Promise.all(wanted.map((entry) => beginnings.restore(entry)));
    },
    restart: async (id, startOptions = {}) => {
      const life = table.get(id);
      const connection = life && hosts.connection(life.session.connectionId);
      if (!life || !connection) throw new Failure<ViewerFailure>({ code: "viewer-unknown", id });
      const { environment, root, state } = life.session;
      const remote = remoteOf(life.session);
      const localPort = life.tunnel?.localPort ?? ("localPort" in state ? state.localPort : undefined);
      await table.closeTunnel(life);
      if (remote) await stopViewer(connection, id, remote);
      life.cancelled = new AbortController();
      table.apply(life, { kind: "restart-requested" });
      return beginnings.start(life, connection, { environment, root, localPort }, startOptions);
    },
    reconnect: (id) => {
      const life = table.get(id);
      if (life) hosts.get(life.session.connectionId)?.link.retry();
    },
    hurry: () => {
      for (const { link } of hosts.all) link.hurry();
    },
    keep: async (id) => {
      const life = table.get(id);
      if (!life) return;
      const { connectionId } = life.session;
      if (!hosts.connection(connectionId)) {
        throw new Failure<SshFailure>({ code: "connection-unknown", id: connectionId });
      }
      life.session = { ...life.session, kept: true };
      await hosts.get(connectionId)?.renewNow();
      table.remember(life);
      table.touch();
    },
    stop: async (id) => {
      const life = table.get(id);
      if (life) await endings.stop(life);
    },
    stopAll: (connectionId) => endings.stopEach(table.of(connectionId)),
    stopLast: () => endings.stopLast(),
    leave: async (connectionId) => {
      await Promise.all(table.of(connectionId).map((life) => endings.leave(life)));
    },
    health: async (id) => {
      const life = table.get(id);
      if (!life) return undefined;
      const { state, connectionId } = life.session;
      const localPort = "localPort" in state ? state.localPort : undefined;
      return {
        sshConnection: hosts.connection(connectionId) !== undefined,
        viewerProcess: state.kind === "running" || state.kind === "reconnecting",
        tunnelActive: life.tunnel?.backend !== undefined,
        http: localPort !== undefined && (await answersHealth(localPort)),
      };
    },
    followLog: (id, onText) =>
      followLog({
        sessionId: id,
        connection: () => {
          const life = table.get(id);
          return life && hosts.connection(life.session.connectionId);
        },
        isThere: () => table.has(id),
        onText,
        logger,
      }),
    readLog: async (id, from = "end", bytes = defaultLogBytes) => {
      const life = table.get(id);
      const connection = life && hosts.connection(life.session.connectionId);
      if (!connection) return { text: "", from: 0, to: 0, size: 0 };
      return readViewerLog(connection, id, from, bytes);
    },
  };
}
