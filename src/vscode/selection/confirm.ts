import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";

/** Names in a question; the others are counted. */
const mostNames = 15;

/**
 * @param decline a button before the other: Enter presses the first one, which VS Code's own Cancel never is.
 * @throws Cancelled unless the person agrees.
 */
export async function confirm(
  question: string,
  agree: string,
  detail?: string,
  decline?: string,
): Promise<void> {
  const options = { modal: true, ...(detail !== undefined && { detail }) };
  const buttons = decline === undefined ? [agree] : [decline, agree];
  if ((await vscode.window.showWarningMessage(question, options, ...buttons)) !== agree)
    throw new Cancelled();
}

/** Names, each on its line, fit for a question. */
export function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  const shown = more > 0 ? [...names.slice(0, mostNames), l10n.t("and {0} more", more)] : names;
  return shown.join("\n");
}
