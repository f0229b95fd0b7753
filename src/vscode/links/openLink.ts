import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { formatTarget } from "../../ssh/model/target.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { commandIds } from "../kit/commandIds.js";
import type { OpeningProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import { readLink } from "./viewerLink.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { confirm } from "../selection/confirm.js";
import { connectionTo } from "../flows/openLastViewer.js";
import { openViewer } from "../flows/openViewer.js";

/** Shows a panel for a place, in it how far `work` is, then the viewer. */
export type OpenPanel = (
  place: ViewerPlace,
  work: (progress: OpeningProgress) => Promise<ViewerSession>,
) => Promise<void>;

/**
 * Opens the viewer that a link names. Anybody can make a link, also a page on the internet: nothing is reached or started
 * before the person has agreed to that host and that folder, and what is not kept of them is asked as at the first time.
 * @throws Cancelled unless the person agrees.
 */
export async function openLink(ui: Ui, { path, query }: vscode.Uri, openPanel: OpenPanel): Promise<void> {
  const place = readLink(path, query);
  if (!place) {
    void vscode.window.showWarningMessage(l10n.t("This link does not name a host and a folder of runs."));
    return;
  }
  const { target, root } = place;
  const host = displayText(formatTarget(target));
  const { savedConnections } = await ui.app();
  const saved = await savedConnections.get(savedIdOf(target));
  const question =
    root === undefined
      ? l10n.t("Open the viewer on {0}?", host)
      : l10n.t("Open the viewer of {0} on {1}?", displayText(root), host);
  const why = saved
    ? l10n.t("A link asks for it.")
    : l10n.t(
        "A link asks for it. {0} is not among your connections: go on only if you know this host.",
        host,
      );
  await confirm(question, l10n.t("Open Viewer"), why);
  if (saved && (root === undefined || root === saved.root)) {
    await vscode.commands.executeCommand(commandIds.openLastViewer, saved.id);
    return;
  }
  await openPanel(place, async (progress) =>
    openViewer(ui, await connectionTo(ui, target, { progress }), progress, place),
  );
}
