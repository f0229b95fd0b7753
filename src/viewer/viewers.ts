import type { Disposable } from "../common/async/disposable.js";
import type { Event } from "../common/async/event.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Target } from "../ssh/model/target.js";
import type { TunnelBackend } from "../tunnel/tunnel.js";
import type { Entrance } from "../tunnel/guard/guard.js";
import type { ViewerAnswer, ViewerQuestion } from "./askViewer.js";
import type { LogPiece } from "./remote/hostSessions.js";
import type { StartOptions, StartRequest, ViewerSession } from "./session/session.js";

/** The parts of a session, watched and named apart. */
export interface SessionHealth {
  readonly sshConnection: boolean;
  /** The host's last word; false when it has ended. */
  readonly viewerProcess: boolean;
  readonly tunnelActive: boolean;
  /** Whether `/api/health` answers through the tunnel, asked just now. */
  readonly http: boolean;
}

/** Starts, watches and stops viewers on hosts. */
export interface Viewers {
  /** Live and failed sessions; a stopped one leaves the list. */
  readonly sessions: readonly ViewerSession[];
  readonly onDidChange: Event<void>;
  get(id: string): ViewerSession | undefined;
  /** Where a session is or was, as its host was written; undefined for one that is not known. */
  targetOf(id: string): Target | undefined;
  /**
   * One exec launches the viewer and waits until it answers with the right storage; then the tunnel is opened.
   * A cancelled or failed start leaves no process and no file on the host, and no session in the list.
   * @throws Failure with a `ViewerFailure`, `TunnelFailure` or `SshFailure`, or Cancelled.
   */
  start(connection: Connection, request: StartRequest, options?: StartOptions): Promise<ViewerSession>;
  /**
   * Takes over the sessions of ours that live on the host and are not in the list, whoever started them. One exec finds
   * them all.
   * @throws Failure with an `SshFailure`
   */
  adopt(connection: Connection): Promise<void>;
  /**
   * Puts back the sessions that this machine remembers and reconnects to their hosts, without asking anything.
   * @param ids these ones; by default those that no other window looks after.
   */
  restore(ids?: readonly string[]): Promise<void>;
  /** Starts the viewer of a failed session again, in the same session and on the same local port where it is free. */
  restart(id: string, options?: StartOptions): Promise<ViewerSession>;
  /** Reconnects now to the host of a session, on the user's request; may ask questions. */
  reconnect(id: string): void;
  /** Tries every lost host now, without asking: the machine woke up. */
  retryLostHosts(): void;
  /**
   * Lets a session run on when no client is there, until it is stopped.
   * @param kept false: no longer. Default true.
   * @throws Failure when its host cannot be reached.
   */
  keep(id: string, kept?: boolean): Promise<void>;
  /** Those of the last that left the list whose end their host has not confirmed. */
  readonly unconfirmed: readonly ViewerSession[];
  /** One of the last that left the list, as it ended; what was not confirmed then may be since. */
  endOf(id: string): ViewerSession | undefined;
  /**
   * Ends the remote process group and the tunnel, and removes the session's folder on the host. Waits some seconds for a
   * lost host. What that does not confirm is stopped as soon as it is connected to again, or by the lease; another call
   * tries again, for which a person may be asked.
   * @throws Failure `viewer-stop-failed` when the viewer lives on; `viewer-stop-unconfirmed` when the host did not say that
   * it is gone.
   */
  stop(id: string): Promise<void>;
  /**
   * Stops every session of the connection (of all connections when none is given), in parallel.
   * @throws as `stop` does, of one, when all have been tried.
   */
  stopAll(connectionId?: string): Promise<void>;
  /**
   * For a shutdown with a grace time of 0: stops the viewers that no other window has and that are not to be kept, and
   * leaves the others running.
   * @throws as `stopAll` does.
   */
  stopLast(): Promise<void>;
  /** Lets go of the sessions and leaves them to their leases, for the next window to adopt. */
  leave(connectionId?: string): Promise<void>;
  health(id: string, signal?: AbortSignal): Promise<SessionHealth | undefined>;
  /**
   * Asks Runicorn's own API through the tunnel.
   * @throws Failure `viewer-unknown` where the session has no tunnel; Error where no answer comes.
   */
  ask(id: string, question: ViewerQuestion, signal?: AbortSignal): Promise<ViewerAnswer>;
  /** An address of the session that opens in a browser, once; undefined where it has no local port. */
  entrance(id: string, entrance: Entrance): string | undefined;
  /** The backend of the session's tunnel; undefined while it is not connected. */
  backendOf(id: string): TunnelBackend | undefined;
  /** Whether that is the connection itself because the system's ssh did not trust the host that it reached. */
  isRefusedBySsh(id: string): boolean;
  /** Hears the viewer's log from near its end and as it grows, over lost connections too, until disposed. */
  followLog(id: string, onText: (text: string) => void): Disposable;
  /** A piece of the viewer's log: at most `bytes` (default 256 KiB) from a position, or its end. */
  readLog(id: string, from?: number | "end", bytes?: number): Promise<LogPiece>;
}
