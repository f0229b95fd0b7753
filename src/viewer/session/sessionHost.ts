import type { FailureDetail } from "../../common/failure.js";
import type { Tunnel } from "../../tunnel/tunnel.js";
import type { EndOutcome, RemoteViewer, StartRequest, ViewerAddress, ViewerSession } from "./session.js";

/** How a launch went, where the host answered. */
export type LaunchOutcome =
  | { readonly kind: "started"; readonly remote: RemoteViewer; readonly root: string }
  /** Nothing is left there. */
  | { readonly kind: "refused"; readonly failure: FailureDetail };

/** What a viewer is to listen on: a socket for its account alone, or a port (a wanted one, or any free one). */
export type ListensOn = "socket" | { readonly port: number | undefined };

/** What a session needs of its host. */
export interface SessionHost {
  /** Whether there is an open connection. */
  readonly isReachable: boolean;
  /** The failure behind an error; any other error counts as the loss of the connection. */
  failureOf(error: unknown): FailureDetail;
  /** @throws Failure `connection-unknown` where there is no open connection. */
  requireReachable(): void;
  /**
   * Launches a viewer for the session.
   * @throws Failure or Cancelled when no answer came: then a viewer may run there, or start a moment later.
   */
  launch(
    session: ViewerSession,
    request: StartRequest,
    listensOn: ListensOn,
    signal: AbortSignal,
  ): Promise<LaunchOutcome>;
  /** Whether viewers may listen on a port there, which all accounts of the host reach. */
  mayListenOnPort(): boolean;
  /** @throws Failure `remote-port-not-allowed` where they may not. */
  requirePort(port: number): void;
  /**
   * Ends the session's viewer and removes its folder there. Idempotent.
   * @param remote undefined where only the folder knows the process.
   * @returns `unconfirmed` when the host does not answer, or cannot be reached, also by a try to reconnect that is waited
   * for some seconds.
   * @throws Failure when it was reached and the viewer lives on.
   */
  end(session: ViewerSession, remote: RemoteViewer | undefined): Promise<EndOutcome>;
  /** @throws Failure with a `TunnelFailure`, or Cancelled. */
  openTunnel(address: ViewerAddress, localPort: number | undefined, signal: AbortSignal): Promise<Tunnel>;
  /** A tunnel with this local port, or another if that is taken; not connected until it is resumed. */
  reserveTunnel(localPort: number | undefined): Promise<Tunnel>;
  /** Connects a tunnel over the open connection. @throws Failure, or Cancelled. */
  resumeTunnel(tunnel: Tunnel, address: ViewerAddress, signal: AbortSignal): Promise<void>;
  /**
   * Calls `attempt` until it returns true, the host cannot be reached, or `signal` is aborted; backs off in between.
   * @throws what `attempt` throws, where no later try would help.
   */
  retry(attempt: () => Promise<boolean>, signal: AbortSignal): Promise<void>;
  /** Why the place that the viewer is in has ended, where it has: a job, which is asked for. */
  endOfPlace(): Promise<FailureDetail | undefined>;
  /** Has a job that ends with its last viewer wait for the one that is started next; or no longer. Never rejects. */
  holdPlace(isHeld: boolean): Promise<void>;
  /** The end of the viewer's log; empty where it cannot be read. */
  logEnd(id: string): Promise<string>;
  /**
   * Renews the leases of all sessions of the host now; resolves when the host has answered, or when it did not.
   * @param released a session that is not to be kept any longer: said with the next renewal that reaches the host.
   */
  renewLeases(released?: string): Promise<void>;
}
