import { randomBytes } from "node:crypto";
import { Emitter, type Event } from "../common/event.js";
import { Cancelled, Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { PythonEnvironment } from "../environments/environment.js";
import type { Connection } from "../ssh/connection.js";
import type { Tunnel, Tunnels } from "../tunnel/tunnel.js";
import { reduceSession, type SessionEvent } from "./reduceSession.js";
import { isConnectionLost, launchViewer, readViewerLog, stopViewer } from "./remoteViewer.js";
import type { StartPhase, ViewerSession } from "./session.js";

export interface StartRequest {
  readonly environment: PythonEnvironment;
  /** Absolute, or starting with `~/`. */
  readonly root: string;
  /** Make the root when it is missing. Default false: a missing root is the failure `storage-root-missing`. */
  readonly createRoot?: boolean | undefined;
  /** A wanted local port. Default: any free one. */
  readonly localPort?: number | undefined;
}

export interface StartOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((phase: StartPhase) => void) | undefined;
}

/** The life of viewers on hosts. */
export interface Viewers {
  /** Live and failed sessions; a stopped one leaves the list. */
  readonly sessions: readonly ViewerSession[];
  readonly onDidChange: Event<void>;
  get(id: string): ViewerSession | undefined;
  /**
   * One exec launches the viewer and waits until it answers with the right storage; then the tunnel is opened.
   * A cancelled or failed start leaves no process and no file on the host, and no session in the list.
   * @throws Failure with a `ViewerFailure`, `TunnelFailure` or `SshFailure`, or Cancelled.
   */
  start(connection: Connection, request: StartRequest, options?: StartOptions): Promise<ViewerSession>;
  /** Ends the remote process group and the tunnel, and removes the session's folder on the host. */
  stop(id: string): Promise<void>;
  /** The end of the viewer's log on the host, at most `bytes` (default 256 KiB). */
  readLog(id: string, bytes?: number): Promise<string>;
  /** Stops every session of the connection (of all connections when none is given), in parallel. */
  stopAll(connectionId?: string): Promise<void>;
}

const defaultLogBytes = 256 * 1024;

/** What belongs to a session beside its state. */
interface Life {
  session: ViewerSession;
  readonly connection: Connection;
  readonly cancelled: AbortController;
  tunnel: Tunnel | undefined;
  /** The start under way, for a stop that comes meanwhile. */
  starting: Promise<unknown>;
  stopping: Promise<void> | undefined;
}

export function createViewers(tunnels: Tunnels, logger: Logger): Viewers {
  const changed = new Emitter<void>();
  const lives = new Map<string, Life>();

  const apply = (life: Life, event: SessionEvent): void => {
    const state = reduceSession(life.session.state, event);
    if (state === life.session.state) return;
    life.session = { ...life.session, state };
    logger.info(`session ${life.session.id} on ${life.session.connectionId}: ${state.kind}`);
    if (state.kind === "stopped") lives.delete(life.session.id);
    changed.fire();
  };

  const create = (connection: Connection, { environment, root }: StartRequest): Life => {
    const id = randomBytes(4).toString("hex");
    const life: Life = {
      session: {
        id,
        connectionId: connection.id,
        host: connection.target.host,
        environment,
        root,
        startedAt: Date.now(),
        state: { kind: "starting", phase: "launching", remote: undefined },
      },
      connection,
      cancelled: new AbortController(),
      tunnel: undefined,
      starting: Promise.resolve(),
      stopping: undefined,
    };
    lives.set(id, life);
    changed.fire();
    return life;
  };

  const launch = async (life: Life, request: StartRequest, options: StartOptions): Promise<ViewerSession> => {
    const { connection, session } = life;
    const signal = anySignal(life.cancelled.signal, options.signal);
    options.onProgress?.("launching");
    const { remote, root } = await launchViewer(
      connection,
      {
        sessionId: session.id,
        python: request.environment.python,
        environmentName: request.environment.name,
        root: request.root,
        createRoot: request.createRoot ?? false,
      },
      signal,
    );
    life.session = { ...life.session, root };
    apply(life, { kind: "viewer-answered", remote });
    options.onProgress?.("opening-tunnel");
    life.tunnel = await tunnels.open(
      connection,
      {
        remote: { host: "127.0.0.1", port: remote.port },
        ...(request.localPort && { localPort: request.localPort }),
      },
      signal,
    );
    life.tunnel.onDidLose((failure) => apply(life, { kind: "failed", failure }));
    if (signal.aborted) throw new Cancelled();
    apply(life, { kind: "tunnel-opened", localPort: life.tunnel.localPort });
    return life.session;
  };

  /** Takes away what there is of a session, on both sides. */
  const cleanUp = async (life: Life): Promise<void> => {
    const { remote } = life.session.state.kind === "stopped" ? { remote: undefined } : life.session.state;
    await life.tunnel?.close();
    if (!remote || life.connection.state === "closed") return;
    try {
      await stopViewer(life.connection, life.session.id, remote);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      logger.warn(`session ${life.session.id}: the link was lost before the viewer was stopped`);
    }
  };

  const stop = (life: Life): Promise<void> => {
    life.stopping ??= (async () => {
      life.cancelled.abort();
      await life.starting.catch(() => undefined);
      if (!lives.has(life.session.id)) return;
      apply(life, { kind: "stop-requested" });
      try {
        await cleanUp(life);
        apply(life, { kind: "ended" });
      } catch (error) {
        life.stopping = undefined;
        throw error;
      }
    })();
    return life.stopping;
  };

  return {
    get sessions() {
      return [...lives.values()].map(({ session }) => session);
    },
    onDidChange: changed.event,
    get: (id) => lives.get(id)?.session,
    start: async (connection, request, options = {}) => {
      const life = create(connection, request);
      const work = launch(life, request, options).catch(async (error: unknown) => {
        apply(life, { kind: "stop-requested" });
        await cleanUp(life).catch((reason: unknown) => logger.error(`clean-up: ${String(reason)}`));
        apply(life, { kind: "ended" });
        throw error;
      });
      life.starting = work;
      return work;
    },
    stop: async (id) => {
      const life = lives.get(id);
      if (life) await stop(life);
    },
    readLog: async (id, bytes = defaultLogBytes) => {
      const life = lives.get(id);
      if (!life) return "";
      return readViewerLog(life.connection, id, bytes);
    },
    stopAll: async (connectionId) => {
      const wanted = [...lives.values()].filter(
        ({ session }) => connectionId === undefined || session.connectionId === connectionId,
      );
      const results = await Promise.allSettled(wanted.map(stop));
      const failed = results.find((result) => result.status === "rejected");
      if (failed) throw failed.reason instanceof Failure ? failed.reason : new Error(String(failed.reason));
    },
  };
}

function anySignal(own: AbortSignal, given: AbortSignal | undefined): AbortSignal {
  return given ? AbortSignal.any([own, given]) : own;
}
