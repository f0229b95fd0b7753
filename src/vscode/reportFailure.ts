import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled, Failure, isFailure } from "../common/failure.js";
import { describeFailure } from "../messages/describeFailure.js";
import type { FailureAction } from "../messages/failureWords.js";
import { commandIds } from "./commandIds.js";
import type { Ui } from "./ui.js";
import { viewIds } from "./viewIds.js";

/**
 * Says what happened and what to do, with the button that does it. What was cancelled is not mentioned.
 * @param retry does again what failed; without it, no button for that is shown.
 */
async function reportFailure(ui: Ui, error: unknown, retry?: () => unknown): Promise<void> {
  if (error instanceof Cancelled) return;
  // Whoever refused a host key a moment ago need not be told.
  if (
    isFailure(error, "host-key-not-trusted") &&
    "refusedBy" in error.detail &&
    error.detail.refusedBy === "answer"
  )
    return;
  const showLog = l10n.t("Show Log");
  if (!(error instanceof Failure)) {
    ui.log.error(error instanceof Error ? error : String(error));
    const chosen = await vscode.window.showErrorMessage(l10n.t("Runicorn Remote made a mistake."), showLog);
    if (chosen === showLog) ui.log.show();
    return;
  }
  const { message, advice, action, output } = describeFailure((error as Failure).detail);
  ui.log.error(`${message} ${advice}`);
  if (output) ui.log.info(output);
  const button = buttonFor(ui, action, retry);
  const buttons = [
    ...(button ? [button.label] : []),
    ...(output && button?.label !== showLog ? [showLog] : []),
  ];
  const chosen = await vscode.window.showErrorMessage(`${message} ${advice}`, ...buttons);
  if (chosen === undefined) return;
  if (chosen === button?.label) await button.run();
  else ui.log.show();
}

interface Button {
  readonly label: string;
  readonly run: () => unknown;
}

function buttonFor(
  ui: Ui,
  action: FailureAction | undefined,
  retry: (() => unknown) | undefined,
): Button | undefined {
  switch (action) {
    case undefined:
      return undefined;
    case "show-log":
    case "show-output":
      return { label: l10n.t("Show Log"), run: () => ui.log.show() };
    case "show-known-hosts":
      return {
        label: l10n.t("Show Known Hosts"),
        run: () => vscode.commands.executeCommand(`${viewIds.knownHosts}.focus`),
      };
    case "compare-host-keys":
      return {
        label: l10n.t("Compare Keys"),
        run: () => vscode.commands.executeCommand(commandIds.replaceHostKey),
      };
    case "retry":
    case "restart":
    case "create-root":
    case "choose-root":
    case "choose-environment":
    case "install-runicorn":
      return retry && { label: l10n.t("Try Again"), run: retry };
  }
}

/** The way every command runs: whatever it throws is told, and nothing is left unhandled. */
export async function reporting(ui: Ui, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    void reportFailure(ui, error, () => reporting(ui, work));
  }
}
