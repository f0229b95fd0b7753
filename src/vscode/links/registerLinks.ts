import * as vscode from "vscode";
import type { Ui } from "../kit/ui.js";
import type { OpenPanel } from "./openLink.js";

/** Follows links to viewers; what that takes is read when the first one comes. */
export function registerLinks(ui: Ui, openPanel: OpenPanel): vscode.Disposable {
  return vscode.window.registerUriHandler({
    handleUri: async (uri) => {
      const [{ openLink }, { reporting }] = await Promise.all([
        import("./openLink.js"),
        import("../kit/reportFailure.js"),
      ]);
      await reporting(ui, () => openLink(ui, uri, openPanel));
    },
  });
}
