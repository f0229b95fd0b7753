import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";

/** Maximum number of names in a question; the others are counted. */
const mostNames = 15;

/**
 * @param decline a first button, which is the default for Enter; VS Code's own Cancel never is.
 * @throws Cancelled unless the user agrees.
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

/** Names for a question, one per line. */
export function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  const shown = more > 0 ? [...names.slice(0, mostNames), l10n.t("and {0} more", more)] : names;
  return shown.join("\n");
}
