import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { linksIn } from "../../common/text/links.js";
import { noticeTitle, serverLines, silentAgentWords } from "../../messages/serverWords.js";
import type { LoginNotice } from "../../ssh/model/interaction.js";

/** Characters of a line of progress. */
const longestLine = 400;

/**
 * Shows what is told during a login beside the words of the progress, which has a Cancel button. A link in it can be opened
 * or copied, and is shown in full: it is the server's.
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
