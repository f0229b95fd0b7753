import type { Event } from "../common/event.js";
import type { PythonEnvironment } from "../environments/environment.js";
import type { Connection } from "../ssh/connection.js";
import type { StartPhase, ViewerSession } from "./session.js";

export interface StartRequest {
  readonly environment: PythonEnvironment;
  /** Absolute, or starting with `~/`. */
  readonly root: string;
  /** Make the root when it is missing. Default false: a missing root is the failure `storage-root-missing`. */
  readonly createRoot?: boolean;
  /** A wanted local port. Default: any free one. */
  readonly localPort?: number;
}

export interface StartOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: StartPhase) => void;
}

/** The life of viewers on hosts. */
export interface Viewers {
  /** Live and failed sessions; a stopped one leaves the list. */
  readonly sessions: readonly ViewerSession[];
  readonly onDidChange: Event<void>;
  get(id: string): ViewerSession | undefined;
  /**
   * One exec launches the viewer and waits until it answers with the right storage; then the tunnel is opened.
   * A cancelled or failed start leaves no process and no file on the host.
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
