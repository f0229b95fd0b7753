import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { readRegular } from "../common/files/regularFile.js";
import { stateContextKeys } from "./kit/viewIds.js";

/**
 * Sets context keys from the files on this machine, so that the Command Palette is right from the start. Checks again
 * when the window is focused: another one may have written meanwhile.
 * @returns a function that stops this and resolves when a running check has finished; then the services take over.
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
  let pending = tell();
  const watching = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (focused) pending = pending.then(tell);
  });
  subscriptions.push(watching);
  return () => {
    watching.dispose();
    return pending;
  };
}

/** Treats an unreadable file as empty: the code that uses it reports why. */
async function contentOf(file: string): Promise<string> {
  return readRegular(file).then(
    (bytes) => bytes.toString(),
    () => "",
  );
}
