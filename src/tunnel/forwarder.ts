import type { Duplex } from "node:stream";
import type { Event } from "../common/async/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { TunnelBackend, TunnelRequest } from "./tunnel.js";

/** What carries bytes from this machine to one remote address, for as long as its connection lives. */
export interface Forwarder {
  readonly backend: TunnelBackend;
  /** False once it has ended, also where nobody listened yet. */
  readonly isOpen: boolean;
  /** Opens one more stream to the remote address. Rejects when that side refuses or the way there is lost. */
  connect(): Promise<Duplex>;
  /**
   * Whether the end that a stream just came to was the remote side's own, and not that of the way there: a cut answer
   * must not look whole.
   */
  isEndReal(): Promise<boolean>;
  /** Fires once: with the failure that ended it, or undefined when we closed it. */
  readonly onDidClose: Event<FailureDetail | undefined>;
  /**
   * Opens what is to carry in its place from then on; undefined where nothing else can, and this one stays. Default: none is
   * to be. What began over this one stays there.
   * @throws Failure `tunnel-host-key-refused`: where the key is revoked, nothing may carry.
   */
  readonly successor?: ((signal: AbortSignal) => Promise<Forwarder | undefined>) | undefined;
  /** Resolves when nothing of it is left on this machine. */
  close(): Promise<void>;
}

/** @throws Failure with a `TunnelFailure` or `SshFailure`, or Cancelled. */
export type OpenForwarder = (
  connection: Connection,
  request: Pick<TunnelRequest, "remote" | "identify" | "interpreter" | "atOnce">,
  signal?: AbortSignal,
) => Promise<Forwarder>;
