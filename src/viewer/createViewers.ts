import type { Event } from "../common/async/event.js";
import { timeLimit } from "../common/async/timeLimit.js";
import type { Logger } from "../common/logger.js";
import { Failure } from "../common/failure.js";
import type { LinesBefore } from "../environments/lines/lines.js";
import type { Connections } from "../ssh/connections.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Target } from "../ssh/model/target.js";
import type { Tunnels } from "../tunnel/tunnel.js";
import { askViewer } from "./askViewer.js";
import { answersHealth } from "./askHealth.js";
import type { ViewerFailure } from "./failures.js";
import { createHosts } from "./hosts.js";
import { endSessions } from "./endSessions.js";
import { followOthers } from "./followOthers.js";
import { followLog } from "./remote/followLog.js";
import { readViewerLog } from "./remote/hostSessions.js";
import type { LiveSession } from "./session/liveSession.js";
import type { SessionStore } from "./session/sessionStore.js";
import { createSessionTable } from "./session/sessionTable.js";
import { startSessions } from "./startSessions.js";
import type { SessionHealth, Viewers } from "./viewers.js";

export interface ViewersOptions {
  readonly tunnels: Tunnels;
  readonly connections: Connections;
  readonly store: SessionStore;
  /** Seconds that a viewer lives on without a client. */
  readonly graceSeconds: () => number;
  /** Connects to the host of a session that an earlier process left in `sessions.json`. */
  readonly connectAgain: (target: Target, attended: boolean, signal: AbortSignal) => Promise<Connection>;
  /**
   * Whether viewers on this host, as it was named, may listen on a port, which all its accounts reach, where nothing leads to
   * a socket.
   */
  readonly mayListenOnPort: (host: string) => boolean;
  /** What is to run on hosts before a viewer. Default: nothing. */
  readonly linesBefore?: LinesBefore | undefined;
  /**
   * Fires when the store may have been written by another program: what that has started is taken over here too, where its
   * host is connected to. Default: others are left to themselves.
   */
  readonly storeWritten?: Event<void> | undefined;
  readonly logger: Logger;
}

const defaultLogBytes = 256 * 1024;
/** Minimum grace time in seconds: a short connection loss must not end a viewer. */
const shortestGrace = 2;
/** Milliseconds to wait for the host's word on a viewer that does not answer. */
const hostLimit = 2_000;

export function createViewers(options: ViewersOptions): Viewers {
  const { store, logger } = options;
  const graceSeconds = (): number => Math.max(shortestGrace, options.graceSeconds());
  const table = createSessionTable(store, logger);
  const hosts = createHosts({ ...options, table, graceSeconds });
  const connectionOf = (id: string): Connection | undefined => {
    const live = table.get(id);
    return live && hosts.connection(live.session.connectionId);
  };
  const beginnings = startSessions({ ...options, table, hosts, graceSeconds });
  if (options.storeWritten)
    followOthers(
      { ...options, table, adopt: (connection) => beginnings.adopt(connection) },
      options.storeWritten,
    );
  return {
    get unconfirmed() {
      return table.unconfirmed.map(({ session }) => session);
    },
    get sessions() {
      return table.of().map(({ session }) => session);
    },
    onDidChange: table.onDidChange,
    get: (id) => table.get(id)?.session,
    targetOf: (id) => (table.get(id) ?? table.ended(id))?.target,
    ...beginnings,
    ...endSessions({
      table,
      store,
      hosts,
      graceSeconds,
      connectTo: async ({ connectionId, target }) =>
        options.connections.get(connectionId) ??
        options.connectAgain(target, true, new AbortController().signal),
    }),
    restart: async (id, startOptions) => {
      const live = table.get(id);
      if (!live) throw new Failure<ViewerFailure>({ code: "viewer-unknown", id });
      return live.restart(startOptions);
    },
    reconnect: (id) => {
      const live = table.get(id);
      if (live) hosts.get(live.session.connectionId)?.link.retry();
    },
    retryLostHosts: () => {
      for (const { link } of hosts.all) link.retryUnattended();
    },
    keep: async (id, kept = true) => {
      await table.get(id)?.keep(kept);
      await store.settled();
    },
    entrance: (id, entrance) => table.get(id)?.tunnel?.entrance(entrance),
    backendOf: (id) => table.get(id)?.tunnel?.backend,
    isRefusedBySsh: (id) => table.get(id)?.tunnel?.isRefusedBySsh ?? false,
    health: async (id, signal) => {
      const live = table.get(id);
      return live && healthOf(live, connectionOf(id) !== undefined, signal);
    },
    ask: async (id, question, signal) => {
      const tunnel = table.get(id)?.tunnel;
      if (!tunnel) throw new Failure<ViewerFailure>({ code: "viewer-unknown", id });
      return askViewer(tunnel, question, signal);
    },
    followLog: (id, onText) =>
      followLog({
        sessionId: id,
        connection: () => connectionOf(id),
        isThere: () => table.has(id),
        onText,
        logger,
      }),
    readLog: async (id, from = "end", bytes = defaultLogBytes) => {
      const connection = connectionOf(id);
      if (!connection) return { text: "", from: 0, to: 0, size: 0 };
      return readViewerLog(connection, id, from, bytes);
    },
  };
}

async function healthOf(
  live: LiveSession,
  sshConnection: boolean,
  signal: AbortSignal | undefined,
): Promise<SessionHealth> {
  const { tunnel, isTunnelOpen } = live;
  const http = tunnel !== undefined && (await answersHealth(tunnel, signal));
  // Ask the host too, so that a viewer that has ended also leaves the list.
  if (!http && live.session.state.kind === "running") {
    const limit = timeLimit(hostLimit);
    await live.askHost(signal ? AbortSignal.any([signal, limit]) : limit).catch(() => undefined);
  }
  const { kind } = live.session.state;
  return {
    sshConnection,
    viewerProcess: kind === "running" || kind === "reconnecting",
    tunnelActive: isTunnelOpen,
    http,
  };
}
