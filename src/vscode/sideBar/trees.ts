import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { loadedContextKey, viewIds } from "../kit/viewIds.js";
import type * as late from "./nodes.js";
import { registerTree } from "../kit/treeView.js";

/** The three views of the side bar. */
export function registerTrees(app: () => Promise<App>): Disposable & { readonly refresh: () => void } {
  const store: Disposable[] = [];
  // The views ask for their content when they are first shown: only then is the app needed.
  const changed = new vscode.EventEmitter<void>();
  let loading: Promise<App> | undefined;
  const load = async (
    nodes: (from: typeof late, app: App) => late.TreeNode[] | Promise<late.TreeNode[]>,
  ): Promise<late.TreeNode[]> => {
    loading ??= app().then((ready) => {
      const { savedConnections, connections, viewers, knownHosts } = ready;
      const events = [savedConnections, connections, viewers, knownHosts].map(
        (service) => service.onDidChange,
      );
      store.push(...events.map((event) => event(() => changed.fire())));
      return ready;
    });
    const loaded = await nodes(await import("./nodes.js"), await loading);
    void vscode.commands.executeCommand("setContext", loadedContextKey, true);
    return loaded;
  };
  store.push(
    changed,
    registerTree(
      viewIds.connections,
      () => load((from, ready) => from.connectionNodes(ready)),
      changed.event,
    ),
    registerTree(viewIds.sessions, () => load((from, ready) => from.sessionNodes(ready)), changed.event),
    registerTree(viewIds.knownHosts, () => load((from, ready) => from.knownHostNodes(ready)), changed.event),
  );
  return { refresh: () => changed.fire(), dispose: () => store.forEach((one) => one.dispose()) };
}
