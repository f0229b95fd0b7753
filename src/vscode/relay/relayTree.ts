import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { RelayStatus } from "../../relay/status.js";
import { type Node, registerTree } from "../kit/treeView.js";
import { loadedContextKey, viewIds } from "../kit/viewIds.js";

/** Milliseconds to debounce changes: a busy agent changes many times a second. */
const calm = 250;
/** Milliseconds between two steps of the countdown to the next retry. */
const second = 1_000;

/** The view of the relay agent: its main server, counters, and last commands by id and host. */
export function registerRelayTree(app: () => Promise<App>): Disposable & { readonly refresh: () => void } {
  const changed = new vscode.EventEmitter<void>();
  let soon: NodeJS.Timeout | undefined;
  let listening: Disposable | undefined;
  let isWaiting = false;
  const refreshSoon = (): void => {
    soon ??= setTimeout(() => {
      soon = undefined;
      changed.fire();
    }, calm);
  };
  const load = async (): Promise<Node<RelayStatus>[]> => {
    const [{ relay }, { agentNode }] = await Promise.all([app(), import("./relayItems.js")]);
    listening ??= relay.onDidChange(refreshSoon);
    const { status } = relay;
    isWaiting = status?.link.kind === "waiting";
    void vscode.commands.executeCommand("setContext", loadedContextKey, true);
    return status ? [agentNode(status)] : [];
  };
  const view = registerTree(viewIds.relay, load, changed.event);
  const countdown = setInterval(() => {
    if (isWaiting && view.visible) changed.fire();
  }, second);
  return {
    refresh: () => changed.fire(),
    dispose: () => {
      clearInterval(countdown);
      clearTimeout(soon);
      listening?.dispose();
      view.dispose();
      changed.dispose();
    },
  };
}
