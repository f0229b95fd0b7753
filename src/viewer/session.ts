import type { FailureDetail } from "../common/failure.js";
import type { PythonEnvironment } from "../environments/environment.js";

/** A process on the host. A pid alone may be somebody else's by now: `startTime` tells them apart. */
export interface RemoteProcessIdentity {
  readonly pid: number;
  /** Opaque: the kernel's start time of that pid, as the host tells it. */
  readonly startTime: string;
}

/** The viewer's process on the host, and the supervisor that holds it. */
export interface RemoteViewer extends RemoteProcessIdentity {
  readonly supervisor: RemoteProcessIdentity;
  readonly port: number;
  readonly runicornVersion: string;
}

/** What a session keeps on its host for a client that adopts it. */
export interface SessionFacts {
  readonly environmentName: string;
  readonly environmentKind: string;
  /** Milliseconds since the epoch, by the clock of the machine that started it. */
  readonly startedAt: number;
}

/** What a reconnecting session waits for. */
export type ReconnectWait =
  | { readonly kind: "connecting" }
  /** The next try. Milliseconds since the epoch. */
  | { readonly kind: "until"; readonly at: number }
  /** Trying again by ourselves would do harm, as with a failed authentication: a person must want it. */
  | { readonly kind: "person"; readonly failure: FailureDetail };

export type StartPhase = "launching" | "opening-tunnel";

/** The whole life of a session. Moved by `reduceSession` and by nothing else. */
export type SessionState =
  | { readonly kind: "starting"; readonly phase: StartPhase; readonly remote: RemoteViewer | undefined }
  | { readonly kind: "running"; readonly remote: RemoteViewer; readonly localPort: number }
  /** The way to the host is lost. The viewer lives on there, and the local port stays. */
  | {
      readonly kind: "reconnecting";
      readonly remote: RemoteViewer | undefined;
      readonly localPort: number;
      readonly cause: FailureDetail;
      readonly wait: ReconnectWait;
    }
  | { readonly kind: "stopping"; readonly remote: RemoteViewer | undefined }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly failure: FailureDetail; readonly remote: RemoteViewer | undefined };

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
  /** Lives without a lease: it goes on when no client is there. */
  readonly kept: boolean;
  readonly state: SessionState;
}

/** The address that a browser on this machine opens. `localhost`, because that is what VS Code forwards and frames. */
export function sessionUrl({ state }: ViewerSession): string | undefined {
  const hasPort = state.kind === "running" || state.kind === "reconnecting";
  return hasPort ? `http://localhost:${state.localPort}/` : undefined;
}

export type ViewerFailure =
  /** It was remembered from an earlier window, and its host was not reached since. */
  | { readonly code: "not-connected-yet" }
  | { readonly code: "viewer-unknown"; readonly id: string }
  | { readonly code: "storage-root-not-given"; readonly host: string }
  | { readonly code: "storage-root-missing"; readonly root: string }
  | { readonly code: "storage-root-not-folder"; readonly root: string }
  | { readonly code: "storage-root-not-accessible"; readonly root: string; readonly reason: string }
  | {
      readonly code: "storage-root-invalid";
      readonly root: string;
      readonly reason: "nul" | "relative" | "too-long";
    }
  | { readonly code: "runicorn-missing"; readonly environment: string }
  | { readonly code: "remote-port-taken"; readonly port: number }
  | { readonly code: "environment-broken"; readonly environment: string; readonly output: string }
  | { readonly code: "viewer-exited"; readonly exitCode: number | undefined; readonly log: string }
  /** It was ended on the host because no client renewed its lease for this many seconds. */
  | { readonly code: "viewer-lease-ended"; readonly host: string; readonly seconds: number }
  | { readonly code: "viewer-not-ready"; readonly seconds: number; readonly log: string }
  | { readonly code: "viewer-launch-failed"; readonly host: string; readonly output: string }
  | {
      readonly code: "viewer-stop-failed";
      readonly host: string;
      readonly pid: number;
      readonly reason: string;
    };
