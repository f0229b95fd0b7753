import * as vscode from "vscode";
import { glanceCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { glancePanelType } from "../kit/viewIds.js";
import type { ViewerPanels } from "../viewers/viewerPanels.js";
import type { GlancePanel } from "./glancePanel.js";

/** Registers the command for the tab of all hosts, and restores the tab after a reload. */
export function registerGlance(ui: Ui, viewers: () => Promise<ViewerPanels>): vscode.Disposable {
  let made: Promise<GlancePanel> | undefined;
  const panel = (): Promise<GlancePanel> =>
    (made ??= Promise.all([ui.app(), import("./glancePanel.js")]).then(([app, { createGlancePanel }]) =>
      createGlancePanel(ui, app, viewers),
    ));
  return vscode.Disposable.from(
    vscode.window.registerWebviewPanelSerializer(glancePanelType, {
      deserializeWebviewPanel: async (restored) => (await panel()).restore(restored),
    }),
    registerLate(ui, glanceCommandIds, () =>
      Promise.resolve({ [glanceCommandIds.showGlance]: async () => (await panel()).show() }),
    ),
  );
}
