import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { displayText } from "../../common/bytes.js";
import { isFailure } from "../../common/failure.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { SavedConnection } from "../../savedConnections.js";
import type { Connection } from "../../ssh/connection.js";
import { formatTarget, type Target } from "../../ssh/target.js";
import { withProgress } from "../progress.js";
import { passwordsIn } from "../secrets.js";
import type { Ui } from "../ui.js";
import { createInteraction } from "./interaction.js";

/** Connects, asking what must be asked, and keeps the connection in the list. */
export async function connect(ui: Ui, target: Target, saved?: SavedConnection): Promise<Connection> {
  const app = await ui.app();
  const name = displayText(formatTarget(target));
  const connection = await withProgress(l10n.t("Connecting to {0}", name), (signal, report) => {
    report(l10n.t("reaching the host…"));
    return connectTo(ui, app, target, saved, signal, report);
  });
  // What was left running there is shown at once; that it cannot be listed is no reason to stop here.
  app.viewers.adopt(connection).catch((error: unknown) => ui.log.warn(String(error)));
  const id = savedIdOf(target);
  const before = await app.savedConnections.get(id);
  if (!before) await app.savedConnections.save({ id, name: formatTarget(target), target });
  return connection;
}

async function connectTo(
  ui: Ui,
  app: App,
  target: Target,
  saved: SavedConnection | undefined,
  signal: AbortSignal,
  report: (message: string) => void,
): Promise<Connection> {
  const { interaction, succeeded, failed } = createInteraction(passwordsIn(ui.secrets));
  const identityFile = saved?.identityFile;
  const credentials = identityFile === undefined ? {} : { credentials: { identityFiles: [identityFile] } };
  try {
    const connection = await app.connections.connect({ target, ...credentials }, interaction, {
      signal,
      onProgress: (phase) => {
        if (phase === "verifying-host-key") report(l10n.t("checking the host key…"));
        if (phase === "authenticating") report(l10n.t("authenticating…"));
        if (phase === "authenticating-with-openssh") {
          report(l10n.t("OpenSSH logs in; touch your security key if it blinks…"));
        }
        if (phase === "waiting-for-touch") report(l10n.t("your security key waits: touch it…"));
      },
    });
    await succeeded();
    return connection;
  } catch (error) {
    if (isFailure(error, "authentication-failed")) await failed();
    throw error;
  }
}
