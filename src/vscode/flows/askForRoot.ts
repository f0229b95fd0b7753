import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled } from "../../common/failure.js";

/**
 * Asks for the folder on the host that holds the runs.
 * @throws Cancelled
 */
export async function askForRoot(suggested: string | undefined, hostName: string): Promise<string> {
  const answer = await vscode.window.showInputBox({
    title: l10n.t("Storage root on {0}", displayText(hostName)),
    prompt: l10n.t("The folder that holds the runs. You'll be asked before a folder is created."),
    placeHolder: "~/runs",
    value: suggested ?? "",
    ignoreFocusOut: true,
    validateInput: (text) =>
      isAbsolute(text) ? undefined : l10n.t("Write an absolute path, or one that starts with ~/."),
  });
  if (answer === undefined) throw new Cancelled();
  return answer.trim();
}

function isAbsolute(text: string): boolean {
  return /^(\/|~\/|~$)/.test(text.trim());
}

/**
 * Says that the folder is missing, before anything is created.
 * @throws Cancelled
 */
export async function confirmMissingRoot(root: string): Promise<"create" | "choose-another"> {
  const create = l10n.t("Create Folder");
  const another = l10n.t("Choose Another");
  const message = l10n.t("The folder {0} does not exist on the host.", displayText(root));
  const answer = await vscode.window.showWarningMessage(message, create, another);
  if (answer === undefined) throw new Cancelled();
  return answer === create ? "create" : "choose-another";
}
