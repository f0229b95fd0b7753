import * as vscode from "vscode";
import { madeOnce } from "../../common/async/madeOnce.js";
import { tableCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { runTablePanelType } from "../kit/viewIds.js";

/** Registers the command for the run table, and restores its tab after a reload. */
export function registerRunTable(
  ui: Ui,
  { workspaceState }: Pick<vscode.ExtensionContext, "workspaceState">,
): vscode.Disposable {
  const panel = madeOnce(async () => {
    const [app, { createRunTablePanel }] = await Promise.all([ui.app(), import("./runTablePanel.js")]);
    return createRunTablePanel(ui, app, workspaceState);
  });
  return vscode.Disposable.from(
    vscode.window.registerWebviewPanelSerializer(runTablePanelType, {
      deserializeWebviewPanel: async (restored) => (await panel()).restore(restored),
    }),
    registerLate(ui, tableCommandIds, async () => {
      const { filterOf } = await import("./filterOf.js");
      return { [tableCommandIds.openRunTable]: async (item) => (await panel()).show(filterOf(item)) };
    }),
  );
}
