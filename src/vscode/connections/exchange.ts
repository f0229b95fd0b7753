import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { mostExchanged, readExchanged, writeExchanged } from "../../exchangedConnections.js";
import { inOrder } from "../../connectionOrder.js";

/** Maximum bytes of a file with connections: enough for thousands. */
const largestFile = 4 * 1024 * 1024;

/** Asks for a file and writes the saved connections to it, without secrets. @throws Cancelled */
export async function exportConnections({ savedConnections }: App): Promise<void> {
  const all = inOrder(await savedConnections.list());
  const filters = { JSON: ["json"] };
  const title = l10n.t("Export Connections");
  const uri = await vscode.window.showSaveDialog({ title, filters, saveLabel: l10n.t("Export") });
  if (!uri) throw new Cancelled();
  await vscode.workspace.fs.writeFile(uri, Buffer.from(writeExchanged(all)));
  const open = l10n.t("Open File");
  const text = l10n.t("Connections exported: {0}. No password or key is in the file.", all.length);
  if ((await vscode.window.showInformationMessage(text, open)) === open)
    await vscode.window.showTextDocument(uri);
}

/** Asks for such a file and adds connections that do not exist yet. @throws Cancelled */
export async function importConnections(app: App): Promise<void> {
  const filters = { JSON: ["json"] };
  const title = l10n.t("Import Connections");
  const [uri] = (await vscode.window.showOpenDialog({ title, filters, openLabel: l10n.t("Import") })) ?? [];
  if (!uri) throw new Cancelled();
  const { size } = await vscode.workspace.fs.stat(uri);
  const bytes = size > largestFile ? new Uint8Array() : await vscode.workspace.fs.readFile(uri);
  const read = readExchanged(Buffer.from(bytes).toString("utf8"));
  if (typeof read === "string") {
    const another = l10n.t("Choose Another File…");
    const text =
      read === "too-many"
        ? l10n.t("A file may hold at most {0} connections. Nothing was imported.", mostExchanged)
        : l10n.t("This is no file of exported connections.");
    if ((await vscode.window.showErrorMessage(text, another)) === another) return importConnections(app);
    throw new Cancelled();
  }
  const added = await app.savedConnections.addMissing(read);
  const text = l10n.t(
    "Connections added: {0}. Already there: {1}.",
    added.length,
    read.length - added.length,
  );
  void vscode.window.showInformationMessage(text);
}
