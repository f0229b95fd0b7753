import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { nextEvent } from "../common/async/event.js";
import { aborted } from "../common/async/pause.js";
import { Failure, type FailureDetail } from "../common/failure.js";
import { displayText } from "../common/text/displayText.js";
import { asciiJson } from "../common/text/json.js";
import { findEnvironment } from "../environments/chooseEnvironment.js";
import type { Connection } from "../ssh/model/connection.js";
import { openToAccounts } from "../messages/viewerWords.js";
import { portOf, sessionUrl, type ViewerSession } from "../viewer/session/session.js";
import type { ViewerFailure } from "../viewer/failures.js";

export interface OpenOptions {
  readonly environment?: string;
  readonly root?: string;
  readonly json: boolean;
}

/** Milliseconds for which the printed URL is valid. */
const printedLifetime = 600_000;

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
  const session = await app.viewers.start(
    connection,
    { environment, root, openToPrograms: true },
    { signal },
  );
  process.stdout.write(announce(app, session, connection, options.json));
  const warning = openToAccounts(session);
  if (warning !== undefined) process.stderr.write(`${warning}\n`);
  await ended(app, session.id, signal);
}

function announce(app: App, session: ViewerSession, connection: Connection, json: boolean): string {
  if (!json) {
    const url = app.viewers.entrance(session.id, { lifetime: printedLifetime }) ?? "";
    const [name, root] = [session.environment.name, session.root].map(displayText);
    const hint = l10n.t("In a browser the address opens once, within ten minutes.");
    return `${url}\n${l10n.t("{0}, {1}. Press Ctrl-C to stop.", name ?? "", root ?? "")}\n${hint}\n`;
  }
  const { state } = session;
  return `${asciiJson({
    // For programs. Browsers need `browser_url`, which works once.
    url: sessionUrl(session) ?? "",
    browser_url: app.viewers.entrance(session.id, { lifetime: printedLifetime }) ?? "",
    session_id: session.id,
    connection: connection.id,
    environment: session.environment.name,
    python: session.environment.python,
    root: session.root,
    ...(state.kind === "running" && {
      local_port: state.localPort,
      remote_port: portOf(state.remote.address) ?? null,
      remote_pid: state.remote.pid,
      runicorn_version: state.remote.runicornVersion,
    }),
  })}\n`;
}

/** Waits until the signal is aborted or the session has ended. @throws Failure of the session. */
async function ended(app: App, sessionId: string, signal: AbortSignal): Promise<void> {
  let failure: FailureDetail | undefined;
  const over = (): boolean => {
    const state = app.viewers.get(sessionId)?.state;
    if (state?.kind === "failed") failure = state.failure;
    // The terminal does not ask again after a lost connection.
    if (state?.kind === "reconnecting" && state.wait.kind === "person") failure = state.wait.failure;
    return state === undefined || failure !== undefined;
  };
  if (!over()) await Promise.race([aborted(signal), nextEvent(app.viewers.onDidChange, over)]);
  if (failure) throw new Failure(failure);
}
