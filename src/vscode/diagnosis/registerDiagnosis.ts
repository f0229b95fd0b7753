import * as vscode from "vscode";
import type { Ui } from "../kit/ui.js";
import { diagnosisPanelType } from "../kit/viewIds.js";

/** Brings back the tabs of diagnoses when the window is loaded anew. */
export function registerDiagnosis(ui: Ui): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(diagnosisPanelType, {
    deserializeWebviewPanel: async (panel, state: unknown) =>
      (await import("./diagnose.js")).restoreDiagnosis(ui, panel, state),
  });
}
