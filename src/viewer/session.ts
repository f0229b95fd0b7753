import type { FailureDetail } from "../common/failure.js";
import type { PythonEnvironment } from "../environments/environment.js";

/** The viewer's process on the host. A pid alone may be somebody else's by now: `startTime` tells them apart. */
export interface RemoteViewer {
  readonly pid: number;
  /** Opaque: the kernel's start time of that pid, as the host tells it. */
  readonly startTime: string;
  readonly port: number;
  readonly runicornVersion: string;
}

export type StartPhase = "launching" | "opening-tunnel";

/** The whole life of a session. Moved by `reduceSession` and by nothing else. */
export type SessionState =
  | { readonly kind: "starting"; readonly phase: StartPhase; readonly remote: RemoteViewer | undefined }
  | { readonly kind: "running"; readonly remote: RemoteViewer; readonly localPort: number }
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
  readonly state: SessionState;
}

/** The address that a browser on this machine opens. `localhost`, because that is what VS Code forwards and frames. */
export function sessionUrl(session: ViewerSession): string | undefined {
  return session.state.kind === "running" ? `http://localhost:${session.state.localPort}/` : undefined;
}

export type ViewerFailure =
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
  | { readonly code: "environment-broken"; readonly environment: string; readonly output: string }
  | { readonly code: "viewer-exited"; readonly exitCode: number | undefined; readonly log: string }
  | { readonly code: "viewer-not-ready"; readonly seconds: number; readonly log: string }
  | { readonly code: "viewer-launch-failed"; readonly host: string; readonly output: string }
  | {
      readonly code: "viewer-stop-failed";
      readonly host: string;
      readonly pid: number;
      readonly reason: string;
    };
