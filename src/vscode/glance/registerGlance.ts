import * as vscode from "vscode";
import { madeOnce } from "../../common/async/madeOnce.js";
import { glanceCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { glancePanelType } from "../kit/viewIds.js";
import type { ViewerPanels } from "../viewers/viewerPanels.js";

/** Registers the command for the tab of all hosts, and restores the tab after a reload. */
export function registerGlance(ui: Ui, viewers: () => Promise<ViewerPanels>): vscode.Disposable {
  const panel = madeOnce(async () => {
    const [app, { createGlancePanel }] = await Promise.all([ui.app(), import("./glancePanel.js")]);
    return createGlancePanel(ui, app, viewers);
  });
  return vscode.Disposable.from(
    vscode.window.registerWebviewPanelSerializer(glancePanelType, {
      deserializeWebviewPanel: async (restored) => (await panel()).restore(restored),
    }),
    registerLate(ui, glanceCommandIds, () =>
      Promise.resolve({ [glanceCommandIds.showGlance]: async () => (await panel()).show() }),
    ),
  );
}
