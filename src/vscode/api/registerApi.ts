import * as vscode from "vscode";
import { isFailure } from "../../common/failure.js";
import { apiCommandIds } from "../commandIds.js";
import { registerLate } from "../registerLate.js";
import type { Ui } from "../ui.js";

/** The commands of the local API, and the setting that serves it whenever a window is open. */
export function registerApi(ui: Ui): vscode.Disposable {
  const { api } = ui;
  const isEnabled = (): boolean => vscode.workspace.getConfiguration("runicorn.api").get("enabled", false);
  const serve = async (): Promise<void> => {
    if (!isEnabled()) return api.stop();
    await api.stop();
    await api.start().catch((error: unknown) => {
      // Several windows follow the same setting, and one of them is enough.
      if (!isFailure(error, "api-port-taken")) throw error;
      ui.log.info("the port of the local API is taken, perhaps by another window");
    });
  };
  const follow = async (): Promise<void> => {
    const { reporting } = await import("../reportFailure.js");
    await reporting(ui, serve);
  };
  if (isEnabled()) void follow();
  return vscode.Disposable.from(
    registerLate(ui, apiCommandIds, async () => (await import("./apiCommands.js")).apiCommandHandlers(ui)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("runicorn.api")) void follow();
    }),
  );
}
