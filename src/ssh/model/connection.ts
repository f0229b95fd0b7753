import type { Duplex, Readable, Writable } from "node:stream";
import type { Event } from "../../common/async/event.js";
import type { Failure, FailureDetail } from "../../common/failure.js";
import type { HeldShell } from "./heldShell.js";
import type { OpensshRoute } from "./opensshRoute.js";
import type { RemoteAddress } from "./remoteAddress.js";
import type { Target } from "./target.js";

/** Where a connection really leads, after `~/.ssh/config`. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The jump hosts or ProxyCommand, if any: the same address may be another host behind them. */
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

/** What to do where the server takes no further session at this moment. */
export type SlotWish =
  /** Wait until another one has ended. */
  | "wait"
  /** Fail with `channel-refused`. */
  | "now"
  /** Wait, before all others: it then stays for as long as the connection does. */
  | "stays";

export interface SpawnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default `wait`. */
  readonly slot?: SlotWish | undefined;
  /** The beginning of its standard input, which travels with the request: a round trip less. */
  readonly input?: Uint8Array | undefined;
  /** Whether that is all of its standard input. Default false. */
  readonly inputEnds?: boolean | undefined;
  /** Hears when it has a place and the session is asked for; once more where the server refuses it. */
  readonly onSlot?: (() => void) | undefined;
  /**
   * Hears as early when its standard input may be written to, for what is to be sent a little later. Once more where the
   * server refuses the session and it is opened anew.
   */
  readonly onOpen?: ((stdin: Writable) => void) | undefined;
}

export interface ExecOptions extends Pick<SpawnOptions, "slot"> {
  readonly stdin?: string | Uint8Array;
  /** Aborting closes the channel; the remote command sees its standard streams close. */
  readonly signal?: AbortSignal;
  /**
   * Bytes kept of each stream; what comes beyond is dropped and `truncated` is set. Default 16 MiB. A command that prints
   * 8 MiB more than that is ended.
   */
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

/** A command that runs on the host. Read `stdout` and `stderr`, or `resume()` them: unread output blocks the command. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, when the channel is closed and everything printed was read. Never rejects. */
  readonly ended: Promise<RemoteProcessEnd>;
  /** Settles when the command has exited, if known; its children may still hold the streams open. */
  readonly exited?: Promise<void> | undefined;
  /** Sends TERM and closes the channel: the command's standard streams end. */
  kill(): void;
}

/** A socket on this machine that leads to an address as seen from the host. */
export interface LocalSocket {
  readonly path: string;
  /** Whether what leads there is alive: asks the host. */
  isAlive(): Promise<boolean>;
  /** Resolves when it is closed. */
  close(): Promise<void>;
}

/** The job of a workload manager that a connection leads into. */
export interface JobInside {
  /** Its number. */
  readonly id: string;
  readonly node: string;
  /**
   * The folder, on the node, of the program of ours that starts what is to outlive the connection. Undefined in a job that is
   * not ours: what runs there ends with it, and no sooner.
   */
  readonly keeper: string | undefined;
  /** Keeps a job of ours though no viewer is in it, until one starts or {@link release}, two minutes at most. Never rejects. */
  readonly hold: () => Promise<void>;
  /** Nobody needs a job of ours any more on our account: where no viewer is in it, it ends. Never rejects. */
  readonly release: () => Promise<void>;
  /** What is to run before a Python there. */
  readonly linesBefore: readonly string[];
  /** Asks the cluster whether the job has ended: why, or undefined where it has not, or nobody says so. Never rejects. */
  readonly askEnd: () => Promise<FailureDetail | undefined>;
}

/** One authenticated SSH connection that many channels share. */
export interface Connection {
  /** {@link endpointId} of the endpoint. Unique among the open connections of a pool. */
  readonly id: string;
  /** As the person wrote it. */
  readonly target: Target;
  readonly endpoint: Endpoint;
  /** Set where the host is the machine that we run on, whose files are read without a server. */
  readonly local?: { readonly home: string } | undefined;
  /** Set where it leads into a job. */
  readonly job?: JobInside | undefined;
  readonly openssh: OpensshRoute;
  readonly state: ConnectionState;
  /** Fires once. */
  readonly onDidClose: Event<CloseReason>;
  /** Runs one command through the login shell. Waits for a place where the server allows no further session. */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /**
   * Starts one command through the login shell and hands over its streams. It counts as a session until it ends.
   * @throws Failure with an `SshFailure` (`channel-refused` where the server lets it have no session), or Cancelled while
   * it waits for a place.
   */
  spawn(command: string, options?: SpawnOptions): Promise<RemoteProcess>;
  /** Runs short scripts, however many sessions there are. Stays for as long as the connection does. */
  readonly heldShell: HeldShell;
  /**
   * Starts a subsystem of the server, such as `sftp`. It counts as a session until its channel closes.
   * @throws Failure `channel-refused` where the server has none of that name or no place is free for 20 s, or Cancelled.
   */
  subsystem(name: string, signal?: AbortSignal): Promise<Duplex>;
  /** Opens a `direct-tcpip` channel to an address as seen from the host. */
  forward(host: string, port: number): Promise<Duplex>;
  /**
   * Set where our own library carries the connection: opens a `direct-streamlocal@openssh.com` channel to a Unix socket on
   * the host.
   * @throws Failure `channel-refused`: sshd gives the same reason where it forbids that and where nobody listens there.
   */
  readonly forwardSocket?: ((path: string) => Promise<Duplex>) | undefined;
  /**
   * Set where the system's ssh carries the connection: lets it listen on a socket for us alone.
   * @throws Failure `channel-refused`
   */
  readonly listen?: ((to: RemoteAddress) => Promise<LocalSocket>) | undefined;
  /**
   * Asks the host for a sign of life. A connection that gives none within this many milliseconds is lost; without this,
   * keepalives tell within a minute.
   */
  check(milliseconds: number): Promise<void>;
  /** Ends the connection; resolves when its socket is gone, also where the network is dead. */
  close(): Promise<void>;
}
