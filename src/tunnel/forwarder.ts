import type { Duplex } from "node:stream";
import type { Event } from "../common/async/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { TunnelBackend, TunnelRequest } from "./tunnel.js";

/** Forwards streams from this machine to one remote address, while its connection lives. */
export interface Forwarder {
  readonly backend: TunnelBackend;
  /** False once it has ended, even if nobody was listening. */
  readonly isOpen: boolean;
  /** Opens one more stream to the remote address. Rejects when the remote side refuses or the connection is lost. */
  connect(): Promise<Duplex>;
  /** Whether the remote side itself ended the stream. A dropped connection must never look like a clean EOF. */
  isEndReal(): Promise<boolean>;
  /** Fires once: with the failure that ended it, or undefined when we closed it. */
  readonly onDidClose: Event<FailureDetail | undefined>;
  /**
   * Opens a forwarder that replaces this one for new streams; undefined if none can, then this one stays. Existing
   * streams stay here. Default: never replaced.
   * @throws Failure `tunnel-host-key-refused`: where the key is revoked, nothing may carry.
   */
  readonly successor?: ((signal: AbortSignal) => Promise<Forwarder | undefined>) | undefined;
  /** Resolves when its process and files on this machine are gone. */
  close(): Promise<void>;
}

/** @throws Failure with a `TunnelFailure` or `SshFailure`, or Cancelled. */
export type OpenForwarder = (
  connection: Connection,
  request: Pick<TunnelRequest, "remote" | "identify" | "interpreter" | "atOnce">,
  signal?: AbortSignal,
) => Promise<Forwarder>;
