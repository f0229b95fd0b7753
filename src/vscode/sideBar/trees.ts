import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { gather } from "../../common/async/gather.js";
import { madeOnce } from "../../common/async/madeOnce.js";
import type { Item } from "../kit/item.js";
import { dragConnections } from "./dragConnections.js";
import { registerTree } from "../kit/treeView.js";
import { knownHostsId, loadedContextKey, viewIds } from "../kit/viewIds.js";
import { keepItems } from "./keptItems.js";
import type * as late from "./nodes.js";
import type { RowGlances } from "./rowGlances.js";

/** Milliseconds to debounce changes, after the first: many sessions reconnect at once. */
const calm = 100;

/** The view of hosts, viewers and host keys. */
export interface ConnectionsTree extends Disposable {
  /** The selected item. */
  readonly selected: late.TreeNode | undefined;
  readonly refresh: () => void;
  /** Shows the view, and focuses the selected item or the first one. */
  readonly showConnections: () => Promise<void>;
  /** Shows the known host keys. */
  readonly showKnownHosts: () => Promise<void>;
}

export function registerConnectionsTree(app: () => Promise<App>): ConnectionsTree {
  const store: Disposable[] = [];
  // The app is created only when the view is first shown.
  const changed = new vscode.EventEmitter<void>();
  const changes = gather(calm, () => changed.fire());
  const kept = keepItems<Item>();
  let shown: App | undefined;
  let rows: RowGlances | undefined;
  const listen = madeOnce(async (): Promise<App> => {
    const [ready, { followRowGlances }, { onJobNews }] = await Promise.all([
      app(),
      import("./rowGlances.js"),
      import("../jobKit/jobNews.js"),
    ]);
    const { savedConnections, connections, viewers, knownHosts, tunnels } = ready;
    const events = [
      ...[savedConnections, connections, viewers, knownHosts, tunnels].map((service) => service.onDidChange),
      connections.onDidChangeConnecting,
    ];
    store.push(...events.map((event) => event(changes.call)));
    store.push(onJobNews(ready, changes.call));
    rows = followRowGlances(ready.glances, view, changes.call);
    store.push(rows);
    return (shown = ready);
  });
  const load = async (): Promise<late.TreeNode[]> => {
    const ready = await listen();
    const nodes = await (await import("./nodes.js")).connectionNodes(ready, (id) => rows?.of(id), kept);
    void vscode.commands.executeCommand("setContext", loadedContextKey, true);
    return nodes;
  };
  const view = registerTree(viewIds.connections, load, changed.event, {
    canSelectMany: true,
    dragAndDropController: dragConnections(app),
  });
  store.push(
    changes,
    changed,
    view,
    changed.event(() => {
      if (shown) view.badge = badgeOf(shown);
    }),
  );
  return {
    get selected() {
      return view.selection[0];
    },
    refresh: () => changed.fire(),
    showConnections: () => view.focusFirst(),
    showKnownHosts: () => view.open(knownHostsId),
    dispose: () => store.forEach((one) => one.dispose()),
  };
}

/** The badge: how many things need the user. */
function badgeOf({ viewers, knownHosts }: App): vscode.ViewBadge | undefined {
  const waits = viewers.sessions.filter(
    ({ state }) => state.kind === "failed" || (state.kind === "reconnecting" && state.wait.kind === "person"),
  );
  const value = waits.length + viewers.unconfirmed.length + knownHosts.changed.length;
  return value === 0 ? undefined : { value, tooltip: l10n.t("needs your attention: {0}", value) };
}
