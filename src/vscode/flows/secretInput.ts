import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";

export interface SecretRequest {
  readonly title: string;
  readonly prompt: string;
  readonly hidden: boolean;
  /** Whether to offer saving the answer in the secret storage. */
  readonly offerToKeep: boolean;
}

/**
 * Asks for a secret. It stays in memory unless the user chooses to save it.
 * @throws Cancelled if the input box is closed.
 */
export function askForSecret(
  request: SecretRequest,
  signal: AbortSignal,
): Promise<{ readonly value: string; readonly keep: boolean }> {
  const input = vscode.window.createInputBox();
  input.title = request.title;
  input.prompt = request.prompt;
  input.password = request.hidden;
  input.ignoreFocusOut = true;
  let keep = false;
  const showKeep = (): void => {
    const icon = new vscode.ThemeIcon(keep ? "save-as" : "save");
    const tooltip = keep ? l10n.t("Will be kept in the secret store") : l10n.t("Keep in the secret store");
    input.buttons = request.offerToKeep ? [{ iconPath: icon, tooltip }] : [];
    input.prompt = keep
      ? `${request.prompt} ${l10n.t("(will be kept in the secret store)")}`
      : request.prompt;
  };
  showKeep();
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      reject(new Cancelled());
      input.dispose();
    };
    signal.addEventListener("abort", cancel, { once: true });
    input.onDidTriggerButton(() => {
      keep = !keep;
      showKeep();
    });
    input.onDidHide(cancel);
    input.onDidAccept(() => {
      resolve({ value: input.value, keep });
      input.dispose();
    });
    input.show();
  });
}
