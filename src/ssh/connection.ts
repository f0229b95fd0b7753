import type { Duplex, Readable, Writable } from "node:stream";
import type { Event } from "../common/event.js";
import type { Failure, FailureDetail } from "../common/failure.js";
import type { OpensshWay } from "./opensshWay.js";
import type { Target } from "./target.js";

/** Where a connection really leads, after `~/.ssh/config`. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Where the way is not direct, what it leads through: the same address may be another host there. */
  readonly via?: string | undefined;
}

/** `user@host:port`, and what the way leads through. */
export function endpointId({ user, host, port, via }: Endpoint): string {
  return `${user}@${host}:${port}${via === undefined ? "" : ` via ${via}`}`;
}

export type ConnectionState = "open" | "closed";

/** Why a connection ended: we closed it, or it was lost. */
export type CloseReason =
  { readonly kind: "closed" } | { readonly kind: "lost"; readonly failure: FailureDetail };

export interface ExecOptions {
  readonly stdin?: string | Uint8Array;
  /** Aborting closes the channel; the remote command sees its standard streams close. */
  readonly signal?: AbortSignal;
  /** Bytes kept of each stream; what comes beyond is dropped and `truncated` is set. Default 16 MiB. */
  readonly outputLimit?: number;
  /** Milliseconds until the exec fails with `exec-timed-out`. Default: none. */
  readonly timeout?: number;
  /** Hears standard output as it comes. */
  readonly onStdout?: (chunk: Buffer) => void;
}

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Exit status, or undefined when a signal ended the command. */
  readonly code: number | undefined;
  /** Without the `SIG` prefix, as RFC 4254 names it. */
  readonly signal: string | undefined;
  readonly truncated: boolean;
}

/** How a command on the host ended: by itself, or with the connection. */
export type RemoteProcessEnd =
  | {
      readonly kind: "exited";
      /** Exit status, or undefined when a signal ended the command. */
      readonly code: number | undefined;
      /** Without the `SIG` prefix, as RFC 4254 names it. */
      readonly signal: string | undefined;
    }
  | { readonly kind: "lost"; readonly failure: Failure };

/**
 * A command that runs on the host. What is not read from `stdout` and `stderr` holds the command up there, so read both
 * or `resume()` them.
 */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, when the channel is closed and everything printed was read. Never rejects. */
  readonly ended: Promise<RemoteProcessEnd>;
  /** Sends TERM and closes the channel: the command's standard streams end. */
  kill(): void;
}

/** A socket on this machine that leads to an address as seen from the host. */
export interface LocalSocket {
  readonly path: string;
  /** Whether what leads there is alive: asks the host. */
  isAlive(): Promise<boolean>;
  /** Resolves when it is gone. */
  close(): Promise<void>;
}

/** One authenticated SSH connection that many channels share. */
export interface Connection {
  /** {@link endpointId} of the endpoint. Unique among the open connections of a pool. */
  readonly id: string;
  /** As the person wrote it. */
  readonly target: Target;
  readonly endpoint: Endpoint;
  readonly openssh: OpensshWay;
  readonly state: ConnectionState;
  /** Fires once. */
  readonly onDidClose: Event<CloseReason>;
  /** Runs one command through the login shell. Waits for a free channel: a stock sshd allows ten sessions. */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /**
   * Starts one command through the login shell and hands over its streams. It counts as a session until it ends.
   * @throws Failure with an `SshFailure`, or Cancelled while it waits for a free channel.
   */
  spawn(command: string, signal?: AbortSignal): Promise<RemoteProcess>;
  /**
   * Starts a subsystem of the server, such as `sftp`. It counts as a session until its channel closes.
   * @throws Failure `channel-refused` where the server has none of that name, or Cancelled.
   */
  subsystem(name: string, signal?: AbortSignal): Promise<Duplex>;
  /** Opens a `direct-tcpip` channel to an address as seen from the host. */
  forward(host: string, port: number): Promise<Duplex>;
  /**
   * Set where the system's ssh carries the connection: lets it listen on a socket for us alone.
   * @throws Failure `channel-refused`
   */
  readonly listen?: ((host: string, port: number) => Promise<LocalSocket>) | undefined;
  /**
   * Asks the host for a sign of life. A connection that gives none within this many milliseconds is lost; without this,
   * keepalives tell within a minute.
   */
  check(milliseconds: number): Promise<void>;
  /** Ends the connection; resolves when its socket is gone, also where the network is dead. */
  close(): Promise<void>;
}
