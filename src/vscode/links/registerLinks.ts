import * as vscode from "vscode";
import type { Ui } from "../kit/ui.js";
import type { OpenPanel } from "./openLink.js";

/** Handles links to viewers; loads the code with the first link. */
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
