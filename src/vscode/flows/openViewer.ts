import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import type { Connection } from "../../ssh/model/connection.js";
import { isViewerFailure } from "../../viewer/failures.js";
import type { StartRequest, ViewerSession } from "../../viewer/session/session.js";
import { inNotification, type OpeningProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { askForRoot, confirmMissingRoot } from "./askForRoot.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { pickEnvironment } from "./pickEnvironment.js";

/** From a connection to a running viewer: environment, storage root, start. What was chosen is offered first next time. */
export async function openViewer(
  ui: Ui,
  connection: Connection,
  progress: OpeningProgress = inNotification,
  suggested?: ViewerPlace,
): Promise<ViewerSession> {
  const app = await ui.app();
  const saved = await app.savedConnections.get(savedIdOf(connection.target));
  const { environment, host } = await pickEnvironment(
    ui,
    app,
    connection,
    suggested?.python ?? saved?.python,
  );
  let root = await askForRoot(suggested?.root ?? saved?.root ?? host.storageRoot, connection.target.host);
  let createRoot = false;
  for (;;) {
    try {
      const session = await startViewer(app, connection, { environment, root, createRoot }, progress);
      await noteOpened(app, session);
      return session;
    } catch (error) {
      if (!isViewerFailure(error, "storage-root-missing")) throw error;
      createRoot = (await confirmMissingRoot(root)) === "create";
      if (!createRoot) root = await askForRoot(root, connection.target.host);
    }
  }
}

/** Opens nothing: notes what was opened, so that the next time it is one click. */
export async function noteOpened(
  { savedConnections, connections }: App,
  { connectionId, environment, root }: ViewerSession,
): Promise<void> {
  const target = connections.get(connectionId)?.target;
  if (!target) return;
  const { python } = environment;
  await savedConnections.change(
    savedIdOf(target),
    (saved) => saved && { ...saved, python, root, openedAt: Date.now() },
  );
}

/** Starts a viewer and shows how far it is. @throws as `viewers.start` does. */
export function startViewer(
  app: App,
  connection: Connection,
  request: StartRequest,
  progress: OpeningProgress,
): Promise<ViewerSession> {
  const title = l10n.t("Starting the viewer on {0}", displayText(connection.target.host));
  return progress({ step: "viewer", title }, (signal, report) =>
    app.viewers.start(connection, request, {
      signal,
      onProgress: (phase) =>
        phase === "launching"
          ? report(l10n.t("starting…"), "viewer")
          : report(l10n.t("opening the tunnel…"), "tunnel"),
    }),
  );
}
