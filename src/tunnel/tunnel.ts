import type { Event } from "../common/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";

export type TunnelBackend = "in-process" | "openssh";

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

/** A port on 127.0.0.1 that leads to a remote address for as long as its connection lives. */
export interface Tunnel {
  readonly id: string;
  readonly connectionId: string;
  readonly backend: TunnelBackend;
  readonly localPort: number;
  readonly remote: RemoteAddress;
  /** Fires once: with the failure that ended the tunnel, or undefined when we closed it. */
  readonly onDidClose: Event<FailureDetail | undefined>;
  /** Resolves when the local port is free again and every connection through it is gone. */
  close(): Promise<void>;
}

export interface Tunnels {
  readonly all: readonly Tunnel[];
  readonly onDidChange: Event<void>;
  /** @throws Failure with a `TunnelFailure`, or Cancelled. */
  open(connection: Connection, request: TunnelRequest, signal?: AbortSignal): Promise<Tunnel>;
  closeAll(): Promise<void>;
}

export type TunnelFailure =
  | { readonly code: "local-port-taken"; readonly port: number }
  | { readonly code: "forwarding-refused"; readonly host: string; readonly reason: string };
