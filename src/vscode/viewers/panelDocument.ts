import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Ui } from "../kit/ui.js";
import { panelHtml } from "../kit/webviewHtml.js";

/** The document of a viewer's panel. @param viewerOrigin the only origin allowed in a frame. */
export function documentFor(ui: Ui, webview: vscode.Webview, viewerOrigin: string | undefined): string {
  const script = vscode.Uri.joinPath(ui.extensionUri, "dist", "webview.js");
  return panelHtml({
    cspSource: webview.cspSource,
    scriptUri: webview.asWebviewUri(script).toString(),
    nonce: randomBytes(16).toString("hex"),
    viewerOrigin,
    language: vscode.env.language,
  });
}
