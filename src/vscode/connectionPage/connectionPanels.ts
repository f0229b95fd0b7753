import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { Target } from "../../ssh/model/target.js";
import { reporting } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { connectionPanelType } from "../kit/viewIds.js";
import { panelOptions } from "../page/dressPanel.js";
import { ConnectionPanel } from "./connectionPanel.js";
import { draftOf } from "./draft.js";
import { readKeptForm } from "./fromConnectionPage.js";
import type { KeptForm } from "./toConnectionPage.js";

/** The open forms. */
const open = new Set<ConnectionPanel>();

/** Shows the form of a connection, which need not be saved yet. */
export async function editConnection(ui: Ui, target: Target): Promise<void> {
  const id = savedIdOf(target);
  const present = [...open].find((one) => one.id === id);
  if (present) return present.reveal();
  const saved = await (await ui.app()).savedConnections.get(id);
  const base = draftOf(saved ?? { target });
  await show(ui, { id, base, draft: base });
}

/** Takes over a tab that VS Code restored, with its unsaved changes. */
export async function restoreConnectionPage(
  ui: Ui,
  panel: vscode.WebviewPanel,
  state: unknown,
): Promise<void> {
  const form = readKeptForm(state);
  if (form) await show(ui, form, panel);
  else panel.dispose();
}

async function show(ui: Ui, form: KeptForm, present?: vscode.WebviewPanel): Promise<void> {
  const app = await ui.app();
  const saved = await app.savedConnections.get(form.id);
  const panel =
    present ??
    vscode.window.createWebviewPanel(connectionPanelType, "", vscode.ViewColumn.Active, {
      ...panelOptions(ui),
      retainContextWhenHidden: true,
    });
  const made = new ConnectionPanel(ui, app, panel, form, saved);
  open.add(made);
  panel.onDidDispose(() => {
    open.delete(made);
    if (made.isChanged) void reporting(ui, () => askAtClose(ui, made));
  });
}

/** A webview cannot veto closing: asks about unsaved changes, and reopens the form on request. */
async function askAtClose(ui: Ui, panel: ConnectionPanel): Promise<void> {
  const { form } = panel;
  const name = displayText(form.base.name || form.base.host);
  const [keep, drop] = [l10n.t("Save"), l10n.t("Don't Save")];
  const answer = await vscode.window.showWarningMessage(
    l10n.t("Save the changes to the connection {0}?", name),
    { modal: true, detail: l10n.t("They are lost if you do not save them.") },
    keep,
    drop,
  );
  if (answer === drop || (answer === keep && (await panel.save()))) return;
  await show(ui, form);
}
