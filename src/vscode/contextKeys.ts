import * as vscode from "vscode";
import type { App } from "../app.js";
import type { Disposable } from "../common/async/disposable.js";
import { gather } from "../common/async/gather.js";
import { isOrdered } from "../connectionOrder.js";
import { heldHosts } from "./connections/heldHosts.js";
import { stateContextKeys } from "./kit/viewIds.js";

/** Milliseconds to debounce changes, after the first. */
const calm = 100;

/** Sets context keys, so that the Command Palette hides commands that have nothing to work with. */
export function createContextKeys({
  savedConnections,
  connections,
  viewers,
  waitingLogins,
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
    set(stateContextKeys.canDisconnect, heldHosts({ connections, viewers, waitingLogins }).length > 0);
    set(stateContextKeys.hasViewer, viewers.sessions.length > 0);
    set(
      stateContextKeys.hasKeptViewer,
      viewers.sessions.some(({ kept }) => kept),
    );
    set(
      stateContextKeys.isReconnecting,
      viewers.sessions.some(({ state }) => state.kind === "reconnecting"),
    );
    set(stateContextKeys.keyChanged, knownHosts.changed.length > 0);
  };
  const tellRuns = async (): Promise<void> => {
    const roots = await listed(syncs);
    set(stateContextKeys.hasRuns, roots?.length !== 0);
    set(
      stateContextKeys.isSyncing,
      roots?.some(({ state, wanted }) => state.kind !== "stopped" || wanted) ?? true,
    );
    set(stateContextKeys.hasStoppedSync, roots?.some(({ state }) => state.kind === "stopped") ?? true);
  };
  const tellSaved = async (): Promise<void> => {
    const saved = await listed(savedConnections);
    set(stateContextKeys.hasConnections, saved?.length !== 0);
    set(stateContextKeys.isOrdered, isOrdered(saved ?? []));
    set(stateContextKeys.hasPasswords, saved?.some(({ passwords = [] }) => passwords.length > 0) ?? true);
  };
  const tellKeys = async (): Promise<void> =>
    set(
      stateContextKeys.hasKnownHosts,
      knownHosts.changed.length > 0 || (await listed(knownHosts))?.length !== 0,
    );
  const changes = gather(calm, tell);
  tell();
  void tellRuns();
  void tellSaved();
  void tellKeys();
  const events = [
    changes,
    ...[connections, viewers, waitingLogins, knownHosts].map(({ onDidChange }) => onDidChange(changes.call)),
    knownHosts.onDidChange(() => void tellKeys()),
    syncs.onDidChange(() => void tellRuns()),
    savedConnections.onDidChange(() => void tellSaved()),
  ];
  return { dispose: () => events.forEach((one) => one.dispose()) };
}

/** Undefined if it cannot be read, which does not mean empty. */
function listed<T>({
  list,
}: {
  readonly list: () => Promise<readonly T[]>;
}): Promise<readonly T[] | undefined> {
  return list().catch(() => undefined);
}
