import type { Event } from "../common/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";

export type TunnelBackend = "in-process" | "openssh";

/** The documented order: what OpenSSH can carry does not load our process. */
export const usualBackends: readonly TunnelBackend[] = ["openssh", "in-process"];

/** An address as seen from the host. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

export interface TunnelRequest {
  readonly remote: RemoteAddress;
  /** A wanted local port; one that is taken is a failure, never silently another. Default: any free one. */
  readonly localPort?: number;
}

/**
 * A port on 127.0.0.1 that leads to a remote address. The port stays until the tunnel is closed: while the way to the
 * host is lost, it answers with a page that says so.
 */
export interface Tunnel {
  readonly id: string;
  readonly connectionId: string;
  /** What carries it now; undefined while the way to the host is lost. */
  readonly backend: TunnelBackend | undefined;
  readonly localPort: number;
  readonly remote: RemoteAddress;
  /** Fires with the failure each time the way to the host is lost. */
  readonly onDidLose: Event<FailureDetail>;
  /**
   * Leads on over a new connection to the same host. Without effect on a tunnel that is closed.
   * @throws Failure with a `TunnelFailure` or `SshFailure`, or Cancelled; the tunnel stays as it was then.
   */
  resume(connection: Connection, signal?: AbortSignal): Promise<void>;
  /** Resolves when the local port is free again and every connection through it is gone. */
  close(): Promise<void>;
}

export interface Tunnels {
  readonly all: readonly Tunnel[];
  /** Any tunnel opened, closed, lost or resumed. */
  readonly onDidChange: Event<void>;
  /** @throws Failure with a `TunnelFailure`, or Cancelled. */
  open(connection: Connection, request: TunnelRequest, signal?: AbortSignal): Promise<Tunnel>;
  /**
   * A tunnel whose port is there before the way to the host is: it answers with the page that says so until `resume`.
   * @throws Failure `local-port-taken`
   */
  reserve(connectionId: string, request: TunnelRequest): Promise<Tunnel>;
  closeAll(): Promise<void>;
}

export type TunnelFailure =
  | { readonly code: "local-port-taken"; readonly port: number }
  | { readonly code: "forwarding-refused"; readonly host: string; readonly reason: string }
  /** OpenSSH does not trust the host's key, though we did: no other backend is tried. `output` is what it said. */
  | { readonly code: "tunnel-host-key-refused"; readonly host: string; readonly output: string }
  /** None of the backends that the setting allows can carry. */
  | { readonly code: "tunnel-not-possible"; readonly host: string; readonly reason: string };
