import type { FailureDetail } from "../common/failure.js";
import type { ReconnectWait, RemoteViewer, SessionState } from "./session.js";

/** What happened to a session, named after the fact. */
export type SessionEvent =
  | { readonly kind: "viewer-answered"; readonly remote: RemoteViewer }
  | { readonly kind: "tunnel-opened"; readonly localPort: number }
  | { readonly kind: "connection-lost"; readonly cause: FailureDetail; readonly wait: ReconnectWait }
  | { readonly kind: "reconnect-waits"; readonly wait: ReconnectWait }
  /** The way is open again and the viewer behind it answers. */
  | { readonly kind: "reconnected"; readonly remote: RemoteViewer }
  | { readonly kind: "restart-requested" }
  | { readonly kind: "stop-requested" }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly failure: FailureDetail };

/** Moves a session's state. An event that cannot concern the state it is in changes nothing: late news are common. */
export function reduceSession(state: SessionState, event: SessionEvent): SessionState {
  if (state.kind === "stopped") return state;
  switch (event.kind) {
    case "viewer-answered":
      return state.kind === "starting"
        ? { kind: "starting", phase: "opening-tunnel", remote: event.remote }
        : state;
    case "tunnel-opened":
      return state.kind === "starting" && state.remote
        ? { kind: "running", remote: state.remote, localPort: event.localPort }
        : state;
    case "connection-lost":
      return state.kind === "running"
        ? {
            kind: "reconnecting",
            remote: state.remote,
            localPort: state.localPort,
            cause: event.cause,
            wait: event.wait,
          }
        : state;
    case "reconnect-waits":
      return state.kind === "reconnecting" ? { ...state, wait: event.wait } : state;
    case "reconnected":
      return state.kind === "reconnecting"
        ? { kind: "running", remote: event.remote, localPort: state.localPort }
        : state;
    case "restart-requested":
      return state.kind === "failed" || state.kind === "running"
        ? { kind: "starting", phase: "launching", remote: undefined }
        : state;
    case "stop-requested":
      return { kind: "stopping", remote: state.remote };
    case "ended":
      return { kind: "stopped" };
    case "failed":
      // The person is ending it already, or the first failure is the cause of this one.
      return state.kind === "stopping" || state.kind === "failed"
        ? state
        : { kind: "failed", failure: event.failure, remote: state.remote };
  }
}
