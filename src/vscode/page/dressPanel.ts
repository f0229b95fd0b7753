import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Ui } from "../kit/ui.js";
import { panelHtml } from "../kit/webviewHtml.js";

/** Options of our panels: scripts are enabled, and resources are limited to `dist`. */
export function panelOptions({ extensionUri }: Pick<Ui, "extensionUri">): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist")] };
}

/**
 * Sets a panel's icon and document. Add message listeners before.
 * @param page names `dist/<page>.js`, `dist/<page>.css` and `media/tabs/<page>.svg`.
 * @param holdsPictures whether images with `data:` URLs are allowed.
 */
export function dressPanel(
  { extensionUri }: Pick<Ui, "extensionUri">,
  panel: vscode.WebviewPanel,
  page: string,
  holdsPictures = false,
): void {
  const { webview } = panel;
  const inDist = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", name)).toString();
  webview.options = panelOptions({ extensionUri });
  panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "tabs", `${page}.svg`);
  webview.html = panelHtml({
    cspSource: webview.cspSource,
    scriptUri: inDist(`${page}.js`),
    styleUri: inDist(`${page}.css`),
    nonce: randomBytes(16).toString("hex"),
    viewerOrigin: undefined,
    holdsPictures,
    language: vscode.env.language,
  });
}
