import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { readRegular } from "../common/files/regularFile.js";
import { stateContextKeys } from "./kit/viewIds.js";

/**
 * Tells VS Code what is kept on this machine, so that the palette lists from the start what there is something to do for,
 * and nothing else. Looks again when the window gets the focus: another one may have written meanwhile.
 * @returns hands over to the services, which tell more, once what is under way was told.
 */
export function tellStoredFacts({
  globalStorageUri,
  subscriptions,
}: vscode.ExtensionContext): () => Promise<void> {
  const dataFolder = globalStorageUri.fsPath;
  const set = (key: string, value: boolean): void =>
    void vscode.commands.executeCommand("setContext", key, value);
  const tell = async (): Promise<void> => {
    const [connections, keys, roots] = await Promise.all([
      contentOf(join(dataFolder, "connections.json")),
      contentOf(join(dataFolder, "known_hosts")),
      readdir(join(dataFolder, "sync")).catch(() => []),
    ]);
    set(stateContextKeys.hasConnections, /[^\s[\]]/.test(connections));
    set(stateContextKeys.hasPasswords, /"passwords":\s*\[\s*"/.test(connections));
    set(stateContextKeys.isOrdered, /"order":\s*\d/.test(connections));
    set(stateContextKeys.hasKnownHosts, keys.trim() !== "");
    set(stateContextKeys.hasRuns, roots.length > 0);
    set(stateContextKeys.hasStoppedSync, roots.length > 0);
  };
  let told = tell();
  const watching = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (focused) told = told.then(tell);
  });
  subscriptions.push(watching);
  return () => {
    watching.dispose();
    return told;
  };
}

/** What cannot be read is as good as nothing: whoever works with it says why. */
async function contentOf(file: string): Promise<string> {
  return readRegular(file).then(
    (bytes) => bytes.toString(),
    () => "",
  );
}
