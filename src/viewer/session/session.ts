import type { FailureDetail } from "../../common/failure.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import type { Machine } from "./machine.js";

/** A process on the host. Pids are reused, so `startTime` identifies it, too. */
export interface RemoteProcessIdentity {
  readonly pid: number;
  /** Opaque: the kernel's start time of that pid, as the host tells it. */
  readonly startTime: string;
}

/** What a viewer listens on: a Unix socket for its account alone, by its path, or a port of the host's loopback. */
export type ViewerAddress = { readonly socket: string } | { readonly port: number };

export function portOf(address: ViewerAddress | undefined): number | undefined {
  return address && "port" in address ? address.port : undefined;
}

/** The viewer's process on the host, and the supervisor that holds it. */
export interface RemoteViewer extends RemoteProcessIdentity {
  readonly supervisor: RemoteProcessIdentity;
  readonly address: ViewerAddress;
  readonly runicornVersion: string;
  /** Where it runs: a name may lead to several machines. Undefined for a viewer that an earlier version of ours started. */
  readonly machine?: Machine | undefined;
}

/** What the host says of a session's viewer. */
export type RemoteStatus =
  | { readonly kind: "running" }
  /** It ended by itself; `-1` where its exit status is not known. */
  /** `exitCode`: minus the number of the signal that ended it; undefined if unknown. */
  | { readonly kind: "exited"; readonly exitCode: number | undefined }
  /** It runs and does not listen on its address any more: whatever answers there is not the viewer. */
  | { readonly kind: "port-lost" }
  /** It is on another machine, with this host name, that has the same home. */
  | { readonly kind: "elsewhere"; readonly machine: string }
  /** The place that it was in is no more, such as a job, and why. */
  | { readonly kind: "place-ended"; readonly failure: FailureDetail }
  /** Nothing of it is on the machine that was asked, where that has said which one it is. */
  | { readonly kind: "gone"; readonly at?: Machine | undefined };

/** What a session keeps on its host for a client that adopts it. */
export interface SessionFacts {
  readonly environmentName: string;
  readonly environmentKind: string;
  /** Milliseconds since the epoch, by the clock of the machine that started it. */
  readonly startedAt: number;
  /** The number of the job that it is in, where it is in one. */
  readonly job?: string | undefined;
}

/** What a reconnecting session waits for. */
export type ReconnectWait =
  | { readonly kind: "connecting" }
  /** The next try. Milliseconds since the epoch. */
  | { readonly kind: "until"; readonly at: number }
  /** Never retried automatically, as after a failed authentication: the user must retry. */
  | { readonly kind: "person"; readonly failure: FailureDetail };

export type StartPhase = "launching" | "opening-tunnel";

/** The states of a session that is not being stopped. */
export type LiveState =
  /** `remote` is the viewer that a restart still has to end, then the one that was launched. */
  | { readonly kind: "starting"; readonly phase: StartPhase; readonly remote: RemoteViewer | undefined }
  | { readonly kind: "running"; readonly remote: RemoteViewer; readonly localPort: number }
  /** The connection is lost. The viewer lives on there, and the local port stays. */
  | {
      readonly kind: "reconnecting";
      readonly remote: RemoteViewer | undefined;
      readonly localPort: number;
      readonly cause: FailureDetail;
      readonly wait: ReconnectWait;
    }
  | { readonly kind: "failed"; readonly failure: FailureDetail; readonly remote: RemoteViewer | undefined };

/** The whole life of a session. Moved by `reduceSession`, which only the session's owner calls (`LiveSession`). */
export type SessionState =
  | LiveState
  /** `before` is what a stop that fails leads back to. */
  | { readonly kind: "stopping"; readonly remote: RemoteViewer | undefined; readonly before: LiveState }
  | { readonly kind: "stopped"; readonly onHost: EndOnHost };

/** What a host said of the end of a viewer. */
export type EndOutcome =
  /** Nothing of it is left there. */
  | { readonly kind: "gone" }
  /** It did not say so, and why. The viewer may live on. */
  | { readonly kind: "unconfirmed"; readonly cause: FailureDetail };

/** What a session that has ended left on its host. */
export type EndOnHost =
  | Extract<EndOutcome, { kind: "gone" }>
  /** Its viewer may live on, for so many seconds without a client; undefined for one that is kept. */
  | (Extract<EndOutcome, { kind: "unconfirmed" }> & { readonly graceSeconds?: number | undefined })
  /** The viewer itself, for the next client to adopt. */
  | { readonly kind: "left" };

/** A viewer that we started, or are starting, on a host. */
export interface ViewerSession {
  /** 8 hex digits. */
  readonly id: string;
  readonly connectionId: string;
  /** What a person calls the host: the alias or name they connected by. */
  readonly host: string;
  readonly environment: PythonEnvironment;
  /** Absolute path on the host. */
  readonly root: string;
  /** Milliseconds since the epoch, local clock. */
  readonly startedAt: number;
  /** Where its viewer is; undefined before one has answered. Nothing that another machine says is about it. */
  readonly machine?: Machine | undefined;
  /** Runs without a lease, also when no client is there (Keep Running). */
  readonly kept: boolean;
  /** As {@link StartRequest.openToPrograms}, for as long as it lives. */
  readonly openToPrograms?: boolean | undefined;
  readonly state: SessionState;
}

export interface StartRequest {
  readonly environment: PythonEnvironment;
  /** Absolute, or starting with `~/`. */
  readonly root: string;
  /** Make the root when it is missing. Default false: a missing root is the failure `storage-root-missing`. */
  readonly createRoot?: boolean | undefined;
  /** A wanted port on the host; one that is taken is a failure. Default: any free one. */
  readonly remotePort?: number | undefined;
  /** A wanted local port. Default: any free one. */
  readonly localPort?: number | undefined;
  /**
   * Let programs ask the viewer where the system does not tell whether they are of our own account: for clients of the
   * REST API and of the terminal. Default false.
   */
  readonly openToPrograms?: boolean | undefined;
}

export interface StartOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((phase: StartPhase) => void) | undefined;
}

/** The address that a browser on this machine opens. `localhost`, because that is what VS Code forwards and frames. */
export function sessionUrl({ state }: ViewerSession): string | undefined {
  const hasPort = state.kind === "running" || state.kind === "reconnecting";
  return hasPort ? `http://localhost:${state.localPort}/` : undefined;
}
