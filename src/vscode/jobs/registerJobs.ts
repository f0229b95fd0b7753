import { join } from "node:path";
import type * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Logger } from "../../common/logger.js";
import { jobCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import type { LateViewers } from "../lateViewers.js";

export function registerJobs(ui: Ui, panels: LateViewers["panels"]): vscode.Disposable {
  return registerLate(ui, jobCommandIds, async () =>
    (await import("./jobCommands.js")).jobHandlers(ui, panels),
  );
}

/** Starts to watch our jobs, and to warn before their end. */
export async function followJobs(
  app: App,
  { globalStorageUri, subscriptions }: vscode.ExtensionContext,
  log: Logger,
): Promise<void> {
  const [{ watchJobsHere }, { tellWarnings }] = await Promise.all([
    import("./jobsHere.js"),
    import("./tellWarnings.js"),
  ]);
  const file = join(globalStorageUri.fsPath, "jobWarnings.json");
  subscriptions.push(watchJobsHere(app, log), tellWarnings(app, file, log));
}
