import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayLabel, displayText } from "../../common/text/displayText.js";
import { Cancelled } from "../../common/failure.js";
import { askUntilAborted } from "../kit/progress.js";
import { type Row } from "./rows.js";

/** Rows for a missing folder. Creating it is not the first, so that Enter twice creates nothing. */
export function missingRows(path: string): readonly Row[] {
  return [
    { label: `$(arrow-left) ${l10n.t("Choose Another")}`, does: { kind: "back" } },
    {
      label: `$(new-folder) ${l10n.t("Create Folder")}`,
      description: displayLabel(path),
      does: { kind: "create", path },
    },
  ];
}

export function missingText(path: string): string {
  return l10n.t("The folder {0} does not exist on the host.", displayText(path));
}

/**
 * Asks before creating a folder that existed last time.
 * @param signal closes the quick pick.
 * @throws Cancelled
 */
export async function confirmMissingRoot(
  root: string,
  signal?: AbortSignal,
): Promise<"create" | "choose-another"> {
  const items = missingRows(root).map(({ label, description = "", does }) => ({ label, description, does }));
  const options = { title: missingText(root), ignoreFocusOut: true };
  const picked = await askUntilAborted(signal, (token) => vscode.window.showQuickPick(items, options, token));
  if (!picked) throw new Cancelled();
  return picked.does?.kind === "create" ? "create" : "choose-another";
}
