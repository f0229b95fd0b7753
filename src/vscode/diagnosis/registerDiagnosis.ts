import * as vscode from "vscode";
import type { Ui } from "../kit/ui.js";
import { diagnosisPanelType } from "../kit/viewIds.js";

/** Restores the tabs of diagnoses after a reload. */
export function registerDiagnosis(ui: Ui): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(diagnosisPanelType, {
    deserializeWebviewPanel: async (panel, state: unknown) =>
      (await import("./diagnose.js")).restoreDiagnosis(ui, panel, state),
  });
}
