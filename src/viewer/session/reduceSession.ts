import type { FailureDetail } from "../../common/failure.js";
import type { EndOnHost, LiveState, ReconnectWait, RemoteViewer, SessionState } from "./session.js";

/** What happened to a session, named after the fact. */
export type SessionEvent =
  | { readonly kind: "viewer-answered"; readonly remote: RemoteViewer }
  | { readonly kind: "tunnel-opened"; readonly localPort: number }
  | { readonly kind: "connection-lost"; readonly cause: FailureDetail; readonly wait: ReconnectWait }
  | { readonly kind: "reconnect-waits"; readonly wait: ReconnectWait }
  /** The tunnel leads to the viewer again. */
  | { readonly kind: "reconnected"; readonly remote: RemoteViewer; readonly localPort: number }
  | { readonly kind: "restart-requested" }
  /** A restart has ended the viewer of before. */
  | { readonly kind: "viewer-ended" }
  | { readonly kind: "stop-requested" }
  | { readonly kind: "stop-failed"; readonly failure: FailureDetail }
  | { readonly kind: "ended"; readonly onHost: EndOnHost }
  | { readonly kind: "failed"; readonly failure: FailureDetail };

/**
 * The state machine of a session. An event that does not apply to the current state is a no-op: events often arrive
 * late.
 */
export function reduceSession(state: SessionState, event: SessionEvent): SessionState {
  if (state.kind === "stopped") return afterEnd(state, event);
  if (event.kind === "ended") return { kind: "stopped", onHost: event.onHost };
  if (state.kind === "stopping") {
    return event.kind === "stop-failed" ? afterFailedStop(state.before, event.failure) : state;
  }
  if (event.kind === "stop-requested") return { kind: "stopping", remote: state.remote, before: state };
  return reduceLive(state, event);
}

/** An unconfirmed end may be confirmed later. */
function afterEnd(state: Extract<SessionState, { kind: "stopped" }>, event: SessionEvent): SessionState {
  return event.kind === "ended" && state.onHost.kind === "unconfirmed"
    ? { kind: "stopped", onHost: event.onHost }
    : state;
}

function reduceLive(state: LiveState, event: SessionEvent): SessionState {
  switch (event.kind) {
    case "viewer-answered":
      return state.kind === "starting"
        ? { kind: "starting", phase: "opening-tunnel", remote: event.remote }
        : state;
    case "tunnel-opened":
      return state.kind === "starting" && state.phase === "opening-tunnel" && state.remote
        ? { kind: "running", remote: state.remote, localPort: event.localPort }
        : state;
    case "connection-lost":
      return state.kind === "running"
        ? reconnecting(state.remote, state.localPort, event.cause, event.wait)
        : state;
    case "reconnect-waits":
      return state.kind === "reconnecting" ? { ...state, wait: event.wait } : state;
    case "reconnected":
      return state.kind === "reconnecting"
        ? { kind: "running", remote: event.remote, localPort: event.localPort }
        : state;
    case "restart-requested":
      return state.kind === "starting"
        ? state
        : { kind: "starting", phase: "launching", remote: state.remote };
    case "viewer-ended":
      return state.kind === "starting" ? { ...state, remote: undefined } : state;
    case "failed":
      // Keep the first failure, which caused the others.
      return state.kind === "failed"
        ? state
        : { kind: "failed", failure: event.failure, remote: state.remote };
    default:
      return state;
  }
}

/** The viewer may still run, but its tunnel was closed: reconnect it. */
function afterFailedStop(before: LiveState, failure: FailureDetail): LiveState {
  switch (before.kind) {
    case "running":
    case "reconnecting":
      return reconnecting(before.remote, before.localPort, failure, { kind: "connecting" });
    case "starting":
      return { kind: "failed", failure, remote: before.remote };
    case "failed":
      return before;
  }
}

function reconnecting(
  remote: RemoteViewer | undefined,
  localPort: number,
  cause: FailureDetail,
  wait: ReconnectWait,
): LiveState {
  return { kind: "reconnecting", remote, localPort, cause, wait };
}
