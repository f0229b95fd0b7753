import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { pause } from "../../common/async/pause.js";
import { Cancelled } from "../../common/failure.js";
import { configuredRoot, onlyRootWithRuns } from "../../environments/evident.js";
import { findStorageRoots } from "../../environments/storageRoots.js";
import { hostName } from "../../messages/hostName.js";
import type { Connection } from "../../ssh/model/connection.js";
import { unattended } from "../../ssh/model/interaction.js";
import { isThisMachine, thisMachine } from "../../ssh/model/thisMachine.js";
import type { Sync } from "../../sync/syncState.js";
import { withProgress } from "../kit/progress.js";
import { reporting } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { pickRoot } from "../rootPicker/pickRoot.js";
import { knownRootsOf } from "../rootPicker/recentRoots.js";
import { syncTitle } from "../runKit/runWords.js";

/** Limits for searching storage roots before asking: milliseconds, and depth of folders. */
const rootSearch = { limit: 6_000, depth: 3 } as const;

/** Milliseconds after which listing shows progress. */
const patience = 700;

/**
 * Shows the runs of a folder of this machine in place. Asks for the folder unless it is evident: that of a viewer
 * opened here, the one that Runicorn is configured with, or the only one with runs.
 * @throws Cancelled
 */
export async function showRunsHere(ui: Ui, connection: Connection): Promise<void> {
  const app = await ui.app();
  const shown = (await app.syncs.list())
    .filter(({ mode, state }) => mode === "in-place" && state.kind !== "stopped")
    .map(({ root }) => root);
  const recent = await knownRootsOf(app, connection);
  const fresh = recent.filter((root) => !shown.includes(root));
  const [only] = fresh.length === 1 ? fresh : [await evidentRoot(app, connection, recent)];
  const root = only !== undefined && !shown.includes(only) ? only : await askForRoot(app, connection, recent);
  await showInPlace(ui, connection, root);
}

/** Undefined if ambiguous. */
async function evidentRoot(
  { environments }: App,
  connection: Connection,
  recent: readonly string[],
): Promise<string | undefined> {
  if (recent.length > 0) return undefined;
  const title = l10n.t("Asking {0} for its storage root", hostName(connection.target.host));
  return withProgress(title, async (signal) => {
    const configured = configuredRoot(await environments.list(connection, { signal }));
    if (configured !== undefined) return configured;
    return onlyRootWithRuns(await findStorageRoots(connection, { ...rootSearch, signal }));
  });
}

async function askForRoot(app: App, connection: Connection, recent: readonly string[]): Promise<string> {
  const asked = await pickRoot(app, connection, { recent, mayCreate: false });
  if (asked === "back") throw new Cancelled();
  return asked.root;
}

/** Follows a folder of this machine in the runs view. Offers to remove an earlier copy of it. */
export async function showInPlace(ui: Ui, connection: Connection, root: string): Promise<void> {
  const { syncs } = await ui.app();
  const stop = new AbortController();
  const starting = syncs.start(connection, { root, mode: "in-place", wanted: true }, stop.signal);
  const sync = await whileSlow(starting, hostName(connection.target.host), stop);
  const copies = (await syncs.list()).filter(
    (one) => isThisMachine(one.target) && one.root === sync.root && one.mode !== "in-place",
  );
  for (const copy of copies) {
    // Not awaited.
    void reporting(ui, () => offerToRemove(syncs, copy));
  }
}

/** Opens a file of such a folder in an editor that can save it, or a run's folder in a new window. */
export async function openInPlace(
  { syncs }: App,
  { syncId, path }: { readonly syncId: string; readonly path: string },
): Promise<void> {
  const sync = await syncs.get(syncId);
  if (sync?.mode !== "in-place") return;
  const isFolder = (await syncs.entries(syncId)).get(path)?.kind === "folder";
  const uri = vscode.Uri.file(posix.join(sync.root, path));
  if (isFolder) await vscode.commands.executeCommand("vscode.openFolder", uri, { forceNewWindow: true });
  else await vscode.commands.executeCommand("vscode.open", uri);
}

/** Connects to this machine, which needs no interaction, if its runs are to be followed. */
export async function followWanted({ connections }: App, all: readonly Sync[]): Promise<void> {
  const isWaiting = ({ mode, wanted, state }: Sync): boolean =>
    mode === "in-place" && wanted && state.kind === "stopped";
  if (all.some(isWaiting)) await connections.connect({ target: thisMachine }, unattended);
}

/** Shows cancellable progress if it takes long. */
async function whileSlow<T>(work: Promise<T>, host: string, stop: AbortController): Promise<T> {
  const isQuick = await Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    pause(patience).then(() => false),
  ]);
  if (isQuick) return work;
  return withProgress(l10n.t("Listing the runs of {0}", host), (signal) => {
    signal.addEventListener("abort", () => stop.abort());
    return work;
  });
}

/** Offers to remove a copy, which may contain the only files of runs that are gone from the root. */
async function offerToRemove(syncs: App["syncs"], copy: Sync): Promise<void> {
  const remove = l10n.t("Remove the Copy");
  const offer = l10n.t(
    "{0} was copied before. The copy is not needed: the runs are read where they lie.",
    syncTitle(copy),
  );
  if ((await vscode.window.showInformationMessage(offer, l10n.t("Keep"), remove)) !== remove) return;
  const detail = [
    l10n.t("The runs themselves are not touched."),
    ...(copy.keepGone ? [await lostWith(syncs, copy)] : []),
  ].join("\n\n");
  const question = l10n.t("Remove the copy of {0}?", syncTitle(copy));
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, remove);
  if (answer === remove) await syncs.forget(copy.id);
}

async function lostWith(syncs: App["syncs"], { id }: Sync): Promise<string> {
  const runs = await syncs.keptRuns(id);
  return l10n.t(
    "What only the copy has is lost with it: deleted runs ({0}), and files that were set aside.",
    runs.length,
  );
}
