import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled } from "../../common/failure.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Ask } from "../../viewer/runEdits.js";
import { openViewerAt } from "../flows/openLastViewer.js";
import { shownRoot } from "../links/viewerLink.js";
import type { Ui } from "../kit/ui.js";
import { confirm } from "../selection/confirm.js";
import { viewerAt } from "../viewers/viewerAt.js";

/**
 * The viewer that can change a run: a running one of its root, or one that is started with the user's consent.
 * @throws Cancelled without consent; Failure like `openViewerAt`.
 */
export async function viewerOf(ui: Ui, run: Run): Promise<Ask> {
  const app = await ui.app();
  const { viewers, syncs } = app;
  const sync = await syncs.get(run.syncId);
  if (!sync) {
    void vscode.window.showInformationMessage(l10n.t("This run is not here any more."));
    throw new Cancelled();
  }
  const { target, root, host } = sync;
  const present = viewerAt(viewers, { target, root });
  const running = present?.state.kind === "running" ? present : undefined;
  if (!running) {
    const detail = l10n.t(
      "Runicorn's viewer makes this change on the host, and none runs for {0}. One that is started stays in the list of viewers.",
      shownRoot(root),
    );
    await confirm(l10n.t("Start a viewer on {0}?", displayText(host)), l10n.t("Start Viewer"), detail);
  }
  const session = running ?? (await openViewerAt(ui, { target, root }));
  return (question) => viewers.ask(session.id, question);
}
