import * as vscode from "vscode";
import { isServerFailure } from "../../messages/describeLocalFailure.js";
import { apiCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import { onSettingsChange, setting } from "../kit/settings.js";
import type { Ui } from "../kit/ui.js";

/** Registers the commands for the local API, and starts it while its setting is on. */
export function registerApi(ui: Ui): vscode.Disposable {
  const { api } = ui;
  const isEnabled = (): boolean => setting("api.enabled");
  const serve = async (): Promise<void> => {
    if (!isEnabled()) return api.stop();
    await api.stop();
    await api.start().catch((error: unknown) => {
      // Every window follows the setting, but one of them is enough.
      if (!isServerFailure(error, "api-port-taken")) throw error;
      ui.log.info("the port of the local API is taken, perhaps by another window");
    });
  };
  const follow = async (): Promise<void> => {
    const { reporting } = await import("../kit/reportFailure.js");
    await reporting(ui, serve);
  };
  if (isEnabled()) void follow();
  return vscode.Disposable.from(
    registerLate(ui, apiCommandIds, async () => (await import("./apiCommands.js")).apiCommandHandlers(ui)),
    onSettingsChange("api", () => void follow()),
  );
}
