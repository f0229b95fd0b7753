import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";

interface Page extends vscode.QuickPickItem {
  /** Path in the extension's package. */
  readonly file: string;
}

/** The Markdown preview, which not every build of VS Code has. */
const previewExtension = "vscode.markdown-language-features";

/** Lets the user pick one of the extension's documents, and opens it. */
export async function showDocs(extension: vscode.Uri): Promise<void> {
  const page = await vscode.window.showQuickPick(pages(), { title: l10n.t("Documentation") });
  if (!page) return;
  const uri = vscode.Uri.joinPath(extension, page.file);
  if (vscode.extensions.getExtension(previewExtension))
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  else await vscode.window.showTextDocument(uri);
}

function pages(): Page[] {
  const isChinese = vscode.env.language.toLowerCase() === "zh-cn";
  const translated = isChinese ? ".zh-cn.md" : ".md";
  return [
    { label: l10n.t("Overview"), file: isChinese ? "README.zh-cn.md" : "OVERVIEW.md" },
    { label: l10n.t("Runs on this machine"), file: `docs/runs${translated}` },
    { label: l10n.t("What of the SSH configuration is honoured"), file: "docs/ssh-config.md" },
    { label: l10n.t("Hosts that others use too"), file: "docs/shared-hosts.md" },
    { label: l10n.t("Clusters with Slurm"), file: "docs/slurm.md" },
    { label: l10n.t("In a terminal"), file: `docs/terminal${translated}` },
    { label: l10n.t("The local API"), file: "docs/api.md" },
    { label: l10n.t("The relay agent"), file: "docs/relay.md" },
    { label: l10n.t("Security"), file: "SECURITY.md" },
    { label: l10n.t("Changes"), file: "CHANGELOG.md" },
  ];
}
