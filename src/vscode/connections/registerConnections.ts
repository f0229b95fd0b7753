import * as vscode from "vscode";
import { connectionCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { connectionPanelType } from "../kit/viewIds.js";
import { tellRemoteSsh } from "./openInRemoteSsh.js";

/** Registers the commands for saved connections, and restores their forms after a reload. */
export function registerConnections(ui: Ui): vscode.Disposable {
  return vscode.Disposable.from(
    tellRemoteSsh(),
    registerLate(ui, connectionCommandIds, async () =>
      (await import("./connectionCommands.js")).connectionCommandHandlers(ui),
    ),
    vscode.window.registerWebviewPanelSerializer(connectionPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) =>
        (await import("../connectionPage/connectionPanels.js")).restoreConnectionPage(ui, panel, state),
    }),
  );
}
