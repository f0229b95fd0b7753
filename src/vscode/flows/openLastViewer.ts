import type { App } from "../../app.js";
import { byRecent, type SavedConnection } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { inNotification } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { connect, type ConnectFlowOptions } from "./connect.js";
import { openViewer } from "./openViewer.js";
import { viewerAt } from "../viewers/viewerAt.js";

/**
 * Opens the viewer of this place: takes the one that runs, starts a failed one again, or starts one with the environment
 * and the root of last time. Only what was never answered, or no longer holds, is asked, where it is not evident.
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
  return openViewer(ui, { connection, progress, attended: options.attended }, place);
}

/** Where the viewer that was used last on a saved connection was. */
export function placeOfSaved({ target, python, root, where }: SavedConnection): ViewerPlace {
  return {
    target,
    ...(python !== undefined && { python }),
    ...(root !== undefined && { root }),
    ...(where && { where }),
  };
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
  return open ?? connect(ui, target, options);
}
