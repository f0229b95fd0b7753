import type { Duplex } from "node:stream";
import type { Event } from "../common/async/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { RemoteAddress } from "../ssh/model/remoteAddress.js";
import type { Entrance } from "./guard/guard.js";

/** The backends for servers that allow forwarding. */
export type ForwardingBackend = "in-process" | "openssh";
/** `relay` is a program of ours on the host, where the server forwards nothing. */
export type TunnelBackend = ForwardingBackend | "relay";

/** The documented order: OpenSSH first, which spares our process the encryption. */
export const usualBackends: readonly ForwardingBackend[] = ["openssh", "in-process"];

/** A tunnel that is wanted, wherever it will lead. */
export interface TunnelWish {
  /** A wanted local port; one that is taken is a failure, never silently another. Default: the place's, or any free one. */
  readonly localPort?: number | undefined;
  /** What the port shows: the same place gets the same port each time, and no other place gets it. */
  readonly place?: string | undefined;
  /**
   * Asks who is at the other end; undefined where nobody says. What goes another way than the connection itself must lead
   * to the same one: a name may stand for several machines.
   * @param open opens a stream to the remote address.
   */
  readonly identify?: (open: () => Promise<Duplex>) => Promise<string | undefined>;
  /**
   * Hears each time that the remote address ends a stream that is held for nothing else, or takes none, while the way there
   * lives: what listens there may have ended. Default: none is held.
   */
  readonly onRemoteEnd?: (() => void) | undefined;
  /**
   * Start with the connection itself and switch over when the preferred backend has logged in, if both are allowed: no
   * waiting for a second login. Default false.
   */
  readonly atOnce?: boolean | undefined;
  /** A Python that is known to be on the host. */
  readonly interpreter?: string | undefined;
  /** Let programs ask where the system does not tell whether they are of our own account. Default false. */
  readonly openToPrograms?: boolean | undefined;
}

export interface TunnelRequest extends TunnelWish {
  readonly remote: RemoteAddress;
}

/**
 * A port on 127.0.0.1 that leads to a web server at a remote address, for those whom its guard lets in. The port stays
 * until the tunnel is closed: while the way to the host is lost, it answers with a page that says so.
 */
export interface Tunnel {
  readonly id: string;
  readonly connectionId: string;
  /** What carries it now; undefined while the way to the host is lost. */
  readonly backend: TunnelBackend | undefined;
  /** Whether the connection itself carries it because the system's ssh, which was to, did not trust the host it reached. */
  readonly isRefusedBySsh: boolean;
  readonly localPort: number;
  /** Where it leads; undefined while that was not known yet. */
  readonly remote: RemoteAddress | undefined;
  /** An address of it that opens in a browser, once. */
  entrance(entrance: Entrance): string;
  /** Headers with which a program of ours is always let in. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  /** Fires with the failure each time the way to the host is lost. */
  readonly onDidLose: Event<FailureDetail>;
  /**
   * Leads on over a new connection to the same host, and to this address there. Without effect on a tunnel that is closed.
   * @throws Failure with a `TunnelFailure` or `SshFailure`, or Cancelled; the tunnel stays as it was then.
   */
  resume(connection: Connection, remote: RemoteAddress, signal?: AbortSignal): Promise<void>;
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
  reserve(connectionId: string, wish: TunnelWish): Promise<Tunnel>;
  closeAll(): Promise<void>;
}
