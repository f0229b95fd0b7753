import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { displayText } from "../../common/bytes.js";
import { isFailure } from "../../common/failure.js";
import type { Connection } from "../../ssh/connection.js";
import type { ViewerSession } from "../../viewer/session.js";
import type { StartRequest } from "../../viewer/viewers.js";
import { withProgress } from "../progress.js";
import type { Ui } from "../ui.js";
import { askForRoot, confirmMissingRoot } from "./askForRoot.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { pickEnvironment } from "./pickEnvironment.js";

/** From a connection to a running viewer: environment, storage root, start. What was chosen is offered first next time. */
export async function openViewer(ui: Ui, connection: Connection): Promise<ViewerSession> {
  const app = await ui.app();
  const savedId = savedIdOf(connection.target);
  const saved = await app.savedConnections.get(savedId);
  const { environment, host } = await pickEnvironment(ui, app, connection, saved?.python);
  let root = await askForRoot(saved?.root ?? host.storageRoot, connection.target.host);
  let createRoot = false;
  for (;;) {
    try {
      const session = await start(app, connection, { environment, root, createRoot });
      if (saved)
        await app.savedConnections.save({ ...saved, python: environment.python, root: session.root });
      return session;
    } catch (error) {
      if (!isFailure(error, "storage-root-missing")) throw error;
      createRoot = (await confirmMissingRoot(root)) === "create";
      if (!createRoot) root = await askForRoot(root, connection.target.host);
    }
  }
}

function start(app: App, connection: Connection, request: StartRequest): Promise<ViewerSession> {
  const title = l10n.t("Starting the viewer on {0}", displayText(connection.target.host));
  return withProgress(title, (signal, report) =>
    app.viewers.start(connection, request, {
      signal,
      onProgress: (phase) =>
        report(phase === "launching" ? l10n.t("waiting for its answer…") : l10n.t("opening the tunnel…")),
    }),
  );
}
