import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { SyncMode } from "../../sync/runIndex/layout.js";
import type { Sync } from "../../sync/syncState.js";
import { askForRoot } from "../flows/askForRoot.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { connect } from "../flows/connect.js";
import { withProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";

/** From a connection to a synchronised root: which folder, which mode. */
export async function syncRuns(ui: Ui, connection: Connection): Promise<void> {
  const app = await ui.app();
  const { host } = connection.target;
  const root = await askForRoot(await suggestedRoot(app, connection), host);
  const mode = await pickMode(undefined);
  await start(app, connection, root, mode);
}

/** Goes on with a root that was synchronised before; connects to its host when that is needed. */
export async function resumeSync(ui: Ui, sync: Sync): Promise<void> {
  const app = await ui.app();
  const mode = await pickMode(sync.mode);
  const saved = await app.savedConnections.get(savedIdOf(sync.target));
  const connection = app.connections.get(sync.connectionId) ?? (await connect(ui, sync.target, saved));
  await start(app, connection, sync.root, mode);
}

async function suggestedRoot(app: App, connection: Connection): Promise<string | undefined> {
  const saved = await app.savedConnections.get(savedIdOf(connection.target));
  if (saved?.root !== undefined) return saved.root;
  const title = l10n.t("Asking {0} for its storage root", displayText(connection.target.host));
  const { storageRoot } = await withProgress(title, (signal) =>
    app.environments.list(connection, { signal }),
  );
  return storageRoot;
}

interface ModeChoice extends vscode.QuickPickItem {
  readonly mode: SyncMode;
}

async function pickMode(last: SyncMode | undefined): Promise<SyncMode> {
  const choices: ModeChoice[] = [
    {
      mode: "smart",
      label: l10n.t("Smart"),
      description: l10n.t("Metadata now, files on demand"),
    },
    {
      mode: "mirror",
      label: l10n.t("Mirror"),
      description: l10n.t("Full copy, kept up to date (about 2 s)"),
    },
  ];
  if (last === "mirror") choices.reverse();
  const picked = await vscode.window.showQuickPick(choices, { title: l10n.t("Sync mode") });
  if (!picked) throw new Cancelled();
  return picked.mode;
}

function start(app: App, connection: Connection, root: string, mode: SyncMode): Promise<Sync> {
  const title = l10n.t("Listing the runs of {0}", displayText(connection.target.host));
  return withProgress(title, (signal) => app.syncs.start(connection, { root, mode, wanted: true }, signal));
}
