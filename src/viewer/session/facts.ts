import { randomBytes } from "node:crypto";
import type { FailureDetail } from "../../common/failure.js";
import type { EnvironmentKind, PythonEnvironment } from "../../environments/environment.js";
import type { ViewerFailure } from "../failures.js";
import { portOf, type RemoteViewer, type SessionFacts, type ViewerSession } from "./session.js";
import { noPort, type StoredSession } from "./sessionStore.js";

export function newSessionId(): string {
  return randomBytes(4).toString("hex");
}

/** The environment of a session that another client started, as far as `state.json` has it. */
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

/** What this machine remembers of a session; undefined before its tunnel was open. */
export function storedFrom(
  session: ViewerSession,
  target: StoredSession["target"],
): Omit<StoredSession, "owners" | "ownerProcesses"> | undefined {
  const { environment } = session;
  const address = remoteOf(session)?.address;
  const localPort = localPortOf(session);
  if (address === undefined || localPort === undefined) return undefined;
  return {
    id: session.id,
    connectionId: session.connectionId,
    target,
    remotePort: portOf(address) ?? noPort,
    localPort,
    python: environment.python,
    environmentName: environment.name,
    environmentKind: environment.kind,
    root: session.root,
    startedAt: session.startedAt,
    machine: session.machine,
    kept: session.kept,
    ...(session.openToPrograms && { openToPrograms: true }),
    stopWanted: false,
  };
}

/** The viewer's process, as far as the state knows it. */
export function remoteOf({ state }: ViewerSession): RemoteViewer | undefined {
  return "remote" in state ? state.remote : undefined;
}

export function localPortOf({ state }: ViewerSession): number | undefined {
  return "localPort" in state ? state.localPort : undefined;
}

/**
 * The failure shown for a session whose end the host did not confirm.
 * @param graceSeconds that a viewer lives on without a client.
 */
export function unconfirmedStop(
  { host, kept }: Pick<ViewerSession, "host" | "kept">,
  cause: FailureDetail,
  graceSeconds: number,
): ViewerFailure {
  return { code: "viewer-stop-unconfirmed", host, graceSeconds: kept ? undefined : graceSeconds, cause };
}
