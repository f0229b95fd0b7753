import type * as vscode from "vscode";
import { writeBackCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";

export function registerWriteBack(ui: Ui): vscode.Disposable {
  return registerLate(ui, writeBackCommandIds, async () =>
    (await import("./writeBackCommands.js")).writeBackHandlers(ui),
  );
}
