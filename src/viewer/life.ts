import { randomBytes } from "node:crypto";
import type { EnvironmentKind, PythonEnvironment } from "../environments/environment.js";
import type { Target } from "../ssh/target.js";
import type { Tunnel } from "../tunnel/tunnel.js";
import type { RemoteViewer, SessionFacts, ViewerSession } from "./session.js";
import type { StoredSession } from "./sessionStore.js";

/** What belongs to a session beside what is shown of it. */
export interface Life {
  session: ViewerSession;
  /** How the person named the host. */
  readonly target: Target;
  /** Given up when the session is stopped. */
  cancelled: AbortController;
  tunnel: Tunnel | undefined;
  /** The start under way, for a stop that comes meanwhile. */
  starting: Promise<unknown>;
  stopping: Promise<void> | undefined;
  /** Whether somebody is leading the tunnel on over a new connection. */
  returning: boolean;
  /** Milliseconds since the epoch: when the host last said that the viewer runs. */
  heardAt: number;
}

export function newSessionId(): string {
  return randomBytes(4).toString("hex");
}

export function createLife(session: ViewerSession, target: Target): Life {
  return {
    session,
    target,
    cancelled: new AbortController(),
    tunnel: undefined,
    starting: Promise.resolve(),
    stopping: undefined,
    returning: false,
    heardAt: Date.now(),
  };
}

/** The environment of a session that another client started: as much as its host remembers. */
export function environmentOf(
  python: string,
  facts: SessionFacts,
  runicornVersion: string,
): PythonEnvironment {
  return {
    python,
    name: facts.environmentName,
    kind: facts.environmentKind as EnvironmentKind,
    prefix: python.replace(/\/bin\/[^/]*$/, ""),
    pythonVersion: undefined,
    runicornVersion,
    problem: undefined,
  };
}

/** What is remembered of a session on this machine; undefined before its tunnel was open. */
export function storedFrom({ session, target }: Life): Omit<StoredSession, "owners"> | undefined {
  const { state, environment } = session;
  const remotePort = "remote" in state ? state.remote?.port : undefined;
  const localPort = "localPort" in state ? state.localPort : undefined;
  if (remotePort === undefined || localPort === undefined) return undefined;
  return {
    id: session.id,
    connectionId: session.connectionId,
    target,
    remotePort,
    localPort,
    python: environment.python,
    environmentName: environment.name,
    environmentKind: environment.kind,
    root: session.root,
    startedAt: session.startedAt,
    kept: session.kept,
    stopWanted: false,
  };
}

/** The viewer's process, as far as the state knows it. */
export function remoteOf({ state }: ViewerSession): RemoteViewer | undefined {
  return "remote" in state ? state.remote : undefined;
}
