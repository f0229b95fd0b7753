import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { byRecent, type SavedConnection } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { isViewerFailure } from "../../viewer/failures.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { inNotification, type OpeningProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { connect, type ConnectFlowOptions } from "./connect.js";
import { noteOpened, openViewer, startViewer } from "./openViewer.js";
import { viewerAt } from "../viewers/viewerAt.js";

/**
 * Opens the viewer of this place: takes the one that runs, starts a failed one again, or starts one with the environment
 * and the root of last time. Only what was never answered, or no longer holds, is asked.
 * @throws Failure with an `SshFailure`, `ViewerFailure` or `TunnelFailure`, or Cancelled.
 */
export async function openViewerAt(
  ui: Ui,
  place: ViewerPlace,
  options: ConnectFlowOptions = {},
): Promise<ViewerSession> {
  const app = await ui.app();
  const { progress = inNotification } = options;
  const away = viewerAt(app.viewers, place);
  if (away?.state.kind === "reconnecting") return away;
  const connection = await connectionTo(ui, place.target, options);
  // What was left running there is found before another one is started.
  await app.viewers.adopt(connection).catch((error: unknown) => ui.log.warn(String(error)));
  const session = await returnTo(app, connection, place, progress);
  if (!session) {
    // Nobody is there to be asked.
    if (options.attended === false) throw new Cancelled();
    return openViewer(ui, connection, progress);
  }
  await noteOpened(app, session);
  return session;
}

/** Where the viewer that was used last on a saved connection was. */
export function placeOfSaved({ target, python, root }: SavedConnection): ViewerPlace {
  return { target, ...(python !== undefined && { python }), ...(root !== undefined && { root }) };
}

/** The connection whose viewer was opened last; undefined where none was. */
export async function lastOpened({ savedConnections }: App): Promise<SavedConnection | undefined> {
  return byRecent(await savedConnections.list()).find(({ openedAt }) => openedAt !== undefined);
}

/** The open connection to a host, or a new one. @throws as `connect` does. */
export async function connectionTo(
  ui: Ui,
  target: Target,
  options: ConnectFlowOptions = {},
): Promise<Connection> {
  const app = await ui.app();
  const written = formatTarget(target);
  const open = app.connections.all.find(
    (one) => one.state === "open" && formatTarget(one.target) === written,
  );
  return open ?? connect(ui, target, await app.savedConnections.get(savedIdOf(target)), options);
}

/** @returns undefined where that takes an answer. */
async function returnTo(
  app: App,
  connection: Connection,
  place: ViewerPlace,
  progress: OpeningProgress,
): Promise<ViewerSession | undefined> {
  const present = app.viewers.sessions.find(
    (one) => one.connectionId === connection.id && one.root === place.root,
  );
  if (present?.state.kind === "failed") return restart(app, present, progress);
  if (present) return present;
  const { root } = place;
  const environment = root === undefined ? undefined : await environmentOf(app, connection, place, progress);
  if (root === undefined || !environment) return undefined;
  try {
    return await startViewer(app, connection, { environment, root }, progress);
  } catch (error) {
    if (isViewerFailure(error, "storage-root-missing")) return undefined;
    throw error;
  }
}

function restart(
  { viewers }: App,
  session: ViewerSession,
  progress: OpeningProgress,
): Promise<ViewerSession> {
  const title = l10n.t("Starting the viewer on {0}", displayText(session.host));
  return progress({ step: "viewer", title }, (signal) => viewers.restart(session.id, { signal }));
}

/** The environment of last time, where it is still there with a Runicorn. */
async function environmentOf(
  app: App,
  connection: Connection,
  { python }: ViewerPlace,
  progress: OpeningProgress,
): Promise<PythonEnvironment | undefined> {
  if (python === undefined) return undefined;
  const title = l10n.t("Looking for Python environments…");
  const { environments } = await progress({ step: "environment", title }, (signal) =>
    app.environments.list(connection, { signal }),
  );
  return environments.find(
    (one) => one.python === python && !one.problem && one.runicornVersion !== undefined,
  );
}
