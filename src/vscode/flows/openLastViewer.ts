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
 * Opens the viewer of a place: reuses a running one, restarts a failed one, or starts one with the last environment and
 * root. Asks only for what is unknown or no longer valid, and not evident.
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
  // Find viewers that are still running before starting another one.
  await app.viewers.adopt(connection).catch((error: unknown) => ui.log.warn(String(error)));
  return openViewer(ui, { connection, progress, attended: options.attended }, place);
}

/** The place of the last viewer of a saved connection. */
export function placeOfSaved({ target, python, root, where }: SavedConnection): ViewerPlace {
  return {
    target,
    ...(python !== undefined && { python }),
    ...(root !== undefined && { root }),
    ...(where && { where }),
  };
}

/** The connection whose viewer was opened last; undefined if there is none. */
export async function lastOpened({ savedConnections }: App): Promise<SavedConnection | undefined> {
  return byRecent(await savedConnections.list()).find(({ openedAt }) => openedAt !== undefined);
}

/** The open connection to a host, or a new one. @throws like `connect`. */
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
