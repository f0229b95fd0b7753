import * as vscode from "vscode";
import type { App } from "../app.js";
import type { Disposable } from "../common/async/disposable.js";
import { stateContextKeys } from "./kit/viewIds.js";

/** Tells VS Code what there is to work with, so that the palette lists no command that can only say that there is none. */
export function createContextKeys({
  savedConnections,
  connections,
  viewers,
  syncs,
  knownHosts,
}: App): Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  };
  const tell = (): void => {
    set(stateContextKeys.connected, connections.all.length > 0);
    set(stateContextKeys.hasViewer, viewers.sessions.length > 0);
    set(
      stateContextKeys.isReconnecting,
      viewers.sessions.some(({ state }) => state.kind === "reconnecting"),
    );
    set(stateContextKeys.keyChanged, knownHosts.changed.length > 0);
  };
  const tellRuns = async (): Promise<void> => set(stateContextKeys.hasNoRuns, await isEmpty(syncs));
  const tellSaved = async (): Promise<void> =>
    set(stateContextKeys.hasNoConnections, await isEmpty(savedConnections));
  tell();
  void tellRuns();
  void tellSaved();
  const events = [
    ...[connections, viewers, knownHosts].map(({ onDidChange }) => onDidChange(tell)),
    syncs.onDidChange(() => void tellRuns()),
    savedConnections.onDidChange(() => void tellSaved()),
  ];
  return { dispose: () => events.forEach((one) => one.dispose()) };
}

/** A list that cannot be read is not said to be empty. */
function isEmpty({ list }: { readonly list: () => Promise<readonly unknown[]> }): Promise<boolean> {
  return list().then(
    (all) => all.length === 0,
    () => false,
  );
}
