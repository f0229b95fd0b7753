import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { isMeant, presentAmong } from "../../runs/meantRuns.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { listHostAliases } from "../../ssh/config/hostAliases.js";
import { formatTarget } from "../../ssh/model/target.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { commandIds } from "../kit/commandIds.js";
import type { OpeningProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import { isPlain, type LinkedPlace, type LinkFault, readLink, shownRoot } from "./viewerLink.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { openTold } from "../notices/openTold.js";
import { runLabel } from "../runKit/runWords.js";
import { confirm } from "../selection/confirm.js";
import { openViewerAt, placeOfSaved } from "../flows/openLastViewer.js";

/** Shows a panel for a place, with the progress of `work` and then the viewer. @param route in Runicorn's page. */
export type OpenPanel = (
  place: ViewerPlace,
  work: (progress: OpeningProgress) => Promise<ViewerSession>,
  route?: string,
) => Promise<void>;

/**
 * Opens the run or viewer of a link. Anybody can make a link, also a page on the internet: connects to nothing and
 * starts nothing before the user confirms host and folder. Asks for what is neither remembered nor evident.
 * @throws Cancelled unless the user agrees.
 */
export async function openLink(ui: Ui, { path, query }: vscode.Uri, openPanel: OpenPanel): Promise<void> {
  const place = readLink(path, query);
  if (typeof place === "string") {
    void vscode.window.showWarningMessage(faultText(place));
    return;
  }
  const app = await ui.app();
  const copied = await copiedRuns(app, place);
  if (copied.length > 0) return openCopied(await oneOf(copied), place);
  const { run, ...viewerPlace } = place;
  const { target, root } = viewerPlace;
  const saved = await app.savedConnections.get(savedIdOf(target));
  const isKnown = saved !== undefined || (await isConfigured(app, target.host));
  if (!isKnown && !isPlain(target)) {
    void vscode.window.showWarningMessage(
      l10n.t(
        "The host of this link has letters that look like others: {0}. It is not opened.",
        formatTarget(target),
      ),
    );
    return;
  }
  await ask(place, isKnown);
  if (run === undefined && saved && (root === undefined || root === saved.root)) {
    await vscode.commands.executeCommand(commandIds.openLastViewer, saved.id);
    return;
  }
  const work = (progress: OpeningProgress): Promise<ViewerSession> =>
    openViewerAt(ui, { ...(saved && placeOfSaved(saved)), ...viewerPlace }, { progress });
  await openPanel(viewerPlace, work, run === undefined ? undefined : `runs/${encodeURIComponent(run.id)}`);
}

/** Says what will happen, and asks. @throws Cancelled unless the user agrees. */
async function ask({ target, root, run }: LinkedPlace, isKnown: boolean): Promise<void> {
  const host = displayText(formatTarget(target));
  // Our own text comes before text that the link controls.
  const why = isKnown
    ? l10n.t("A link asks for it.")
    : l10n.t("A link asks for it. This host is not among your connections: go on only if you know it.");
  const what = l10n.t("This connects to the host, and starts a viewer there unless one runs.");
  const folder = root === undefined ? [] : [l10n.t("Folder: {0}", shownRoot(root))];
  const runs = run === undefined ? [] : [l10n.t("Run {0}", displayText(run.id))];
  const decline = isKnown ? undefined : l10n.t("Do Not Open");
  const question = l10n.t("Open the viewer on {0}?", host);
  await confirm(question, l10n.t("Open Viewer"), [why, what, ...folder, ...runs].join("\n\n"), decline);
}

/**
 * The run of a link, if its root is synced to this machine; several if the link names no folder, or one where it does not
 * lie any more, and the run was copied.
 */
async function copiedRuns({ syncs }: App, { target, root, run }: LinkedPlace): Promise<readonly Run[]> {
  if (run === undefined) return [];
  const written = formatTarget(target);
  for (const sync of await syncs.list()) {
    if (sync.root !== root || formatTarget(sync.target) !== written) continue;
    const [runs, deleted] = await Promise.all([syncs.runs(sync.id), syncs.deletedRuns(sync.id)]);
    const isPresent = presentAmong([...runs, ...deleted]);
    const found = runs.filter((one) => isMeant(one, run, isPresent));
    if (found.length > 0) return found;
  }
  return [];
}

/** The only run, or a picked one. @throws Cancelled */
async function oneOf(runs: readonly Run[]): Promise<Run> {
  const [only] = runs;
  if (only && runs.length === 1) return only;
  const items = runs.map((run) => ({ label: runLabel(run), description: displayText(run.folder), run }));
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Choose a run") });
  if (!picked) throw new Cancelled();
  return picked.run;
}

/** Needs no host, but asks nevertheless: a page must not open tabs at will. */
async function openCopied(run: Run, { target, root }: LinkedPlace): Promise<void> {
  const detail = [
    l10n.t("A link asks for it. The run is on this machine: nothing is started on a host."),
    l10n.t("Host: {0}", displayText(formatTarget(target))),
    ...(root === undefined ? [] : [l10n.t("Folder: {0}", shownRoot(root))]),
  ];
  await confirm(l10n.t("Open the run {0}?", runLabel(run)), l10n.t("Open Run"), detail.join("\n\n"));
  await openTold(run);
}

async function isConfigured({ ssh }: App, host: string): Promise<boolean> {
  return (await listHostAliases(homedir(), ssh.usersFile)).includes(host);
}

function faultText(fault: LinkFault): string {
  switch (fault) {
    case "unknown":
    case "no-host":
      return l10n.t("This link does not name a host and a folder of runs.");
    case "too-long":
      return l10n.t("This link is too long to be one of ours.");
    case "host":
      return l10n.t("The host of this link is not one that can be connected to.");
    case "folder":
      return l10n.t("The folder of this link is not an absolute path that can be shown.");
    case "run":
      return l10n.t("This link does not name a run in a folder of runs.");
  }
}
