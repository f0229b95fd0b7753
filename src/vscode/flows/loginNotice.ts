import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { linksIn } from "../../common/text/links.js";
import { noticeTitle, serverLines, silentAgentWords } from "../../messages/serverWords.js";
import type { LoginNotice } from "../../ssh/model/interaction.js";

/** Maximum characters of a line of progress. */
const longestLine = 400;

/**
 * Shows a notice during a login, in addition to the progress with its Cancel button. A link in it comes from the
 * server: it is shown in full, and can be opened or copied.
 */
export function showNotice(notice: LoginNotice, report: (message: string) => void): boolean {
  if (notice.kind === "silent-agent") {
    void vscode.window.showWarningMessage(silentAgentWords(notice.address));
    return true;
  }
  const title = noticeTitle(notice.subject);
  const text = serverLines(...notice.texts).join(" ");
  report(`${title} ${text.length > longestLine ? `${text.slice(0, longestLine)}…` : text}`);
  const [link] = linksIn(notice.texts.join("\n"));
  if (link !== undefined) void offerLink(title, link);
  return true;
}

async function offerLink(title: string, link: string): Promise<void> {
  const [open, copy] = [l10n.t("Open Link"), l10n.t("Copy Link")];
  const chosen = await vscode.window.showInformationMessage(`${title} ${link}`, open, copy);
  if (chosen === open) await vscode.env.openExternal(vscode.Uri.parse(link, true));
  if (chosen === copy) await vscode.env.clipboard.writeText(link);
}
