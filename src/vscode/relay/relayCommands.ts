import { existsSync } from "node:fs";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { Cancelled } from "../../common/failure.js";
import { relayCommandIds } from "../kit/commandIds.js";
import { withProgress } from "../kit/progress.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { relayRunningContextKey, viewIds } from "../kit/viewIds.js";
import { startRelay } from "./startRelay.js";
import { watchUnknownHostKeys } from "./unknownHostKeys.js";

/** Handlers of the commands for the relay agent. Disposables are added to `store`. */
export function relayCommandHandlers(ui: Ui, store: Disposable[]): Handlers<typeof relayCommandIds> {
  let watching = false;
  const watch = ({ relay }: App, onError: (error: unknown) => void): Disposable =>
    relay.onDidChange(() => {
      const running = relay.status !== undefined;
      vscode.commands.executeCommand("setContext", relayRunningContextKey, running).then(undefined, onError);
    });
  const follow = async (): Promise<void> => {
    const app = await ui.app();
    if (watching) return;
    watching = true;
    const onError = (error: unknown): void =>
      ui.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    store.push(watch(app, onError), watchUnknownHostKeys(app, onError));
  };
  return {
    [relayCommandIds.startRelay]: async () => {
      await follow();
      await startRelay(ui);
      await vscode.commands.executeCommand(`${viewIds.relay}.focus`);
    },
    [relayCommandIds.stopRelay]: async () => stopRelay(await ui.app()),
    [relayCommandIds.showRelayAudit]: async () => showAudit(await ui.app()),
  };
}

/** Asks first if commands are running, which will be killed. @throws Cancelled */
async function stopRelay({ relay }: App): Promise<void> {
  const running = relay.status?.running ?? 0;
  if (running > 0) {
    const stop = l10n.t("Stop");
    const text =
      running === 1
        ? l10n.t("Stop the relay agent? The command that runs is ended.")
        : l10n.t("Stop the relay agent? The {0} commands that run are ended.", running);
    if ((await vscode.window.showWarningMessage(text, { modal: true }, stop)) !== stop) throw new Cancelled();
  }
  await withProgress(l10n.t("Stopping the relay agent"), () => relay.stop());
}

async function showAudit({ relay }: App): Promise<void> {
  if (!existsSync(relay.auditFile)) {
    void vscode.window.showInformationMessage(l10n.t("The relay agent has run no command yet."));
    return;
  }
  await vscode.window.showTextDocument(vscode.Uri.file(relay.auditFile));
}
