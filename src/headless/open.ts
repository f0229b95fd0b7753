import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { nextEvent } from "../common/event.js";
import { Failure, type FailureDetail } from "../common/failure.js";
import { findEnvironment } from "../environments/chooseEnvironment.js";
import type { Connection } from "../ssh/connection.js";
import { sessionUrl, type ViewerFailure, type ViewerSession } from "../viewer/session.js";

export interface OpenOptions {
  readonly environment?: string;
  readonly root?: string;
  readonly json: boolean;
}

/**
 * Starts a viewer, prints its URL and stays until `signal` is aborted.
 * @throws Failure when the start fails, or when the session fails later.
 */
export async function openViewer(
  app: App,
  connection: Connection,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<void> {
  const found = await app.environments.list(connection, { signal });
  const environment = await findEnvironment(app.environments, connection, found, options.environment, signal);
  const root = options.root ?? found.storageRoot;
  if (root === undefined) {
    throw new Failure<ViewerFailure>({ code: "storage-root-not-given", host: connection.target.host });
  }
  const session = await app.viewers.start(connection, { environment, root }, { signal });
  process.stdout.write(announce(session, connection, options.json));
  await ended(app, session.id, signal);
}

function announce(session: ViewerSession, connection: Connection, json: boolean): string {
  const url = sessionUrl(session) ?? "";
  if (!json) {
    return `${url}\n${l10n.t("{0}, {1}. Press Ctrl-C to stop.", session.environment.name, session.root)}\n`;
  }
  const { state } = session;
  return `${JSON.stringify({
    url,
    session_id: session.id,
    connection: connection.id,
    environment: session.environment.name,
    python: session.environment.python,
    root: session.root,
    ...(state.kind === "running" && {
      local_port: state.localPort,
      remote_port: state.remote.port,
      remote_pid: state.remote.pid,
      runicorn_version: state.remote.runicornVersion,
    }),
  })}\n`;
}

/** Waits for the user's wish to end, or for the session's own end. */
async function ended(app: App, sessionId: string, signal: AbortSignal): Promise<void> {
  let failure: FailureDetail | undefined;
  const over = (): boolean => {
    const state = app.viewers.get(sessionId)?.state;
    if (state?.kind === "failed") failure = state.failure;
    // Nobody is there to be asked.
    if (state?.kind === "reconnecting" && state.wait.kind === "person") failure = state.wait.failure;
    return state === undefined || failure !== undefined;
  };
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (!over()) await Promise.race([aborted, nextEvent(app.viewers.onDidChange, over)]);
  if (failure) throw new Failure(failure);
}
