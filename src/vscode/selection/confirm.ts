import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";

/** Names in a question; the others are counted. */
const mostNames = 15;

/** @throws Cancelled unless the person agrees. */
export async function confirm(question: string, agree: string, detail?: string): Promise<void> {
  const options = { modal: true, ...(detail !== undefined && { detail }) };
  if ((await vscode.window.showWarningMessage(question, options, agree)) !== agree) throw new Cancelled();
}

/** Names, each on its line, fit for a question. */
export function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  const shown = more > 0 ? [...names.slice(0, mostNames), l10n.t("and {0} more", more)] : names;
  return shown.join("\n");
}
