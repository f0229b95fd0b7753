import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { gather } from "../../common/async/gather.js";
import type { Item } from "../kit/item.js";
import { dragConnections } from "./dragConnections.js";
import { registerTree } from "../kit/treeView.js";
import { knownHostsId, loadedContextKey, viewIds } from "../kit/viewIds.js";
import { keepItems } from "./keptItems.js";
import type * as late from "./nodes.js";
import type { RowGlances } from "./rowGlances.js";

/** Milliseconds in which several changes are shown as one, after the first: many sessions come back at once. */
const calm = 100;

/** The view of hosts, their viewers and their keys. */
export interface ConnectionsTree extends Disposable {
  /** The item that is selected. */
  readonly selected: late.TreeNode | undefined;
  readonly refresh: () => void;
  /** Shows the view, with the focus on what is selected, or on its first item. */
  readonly showConnections: () => Promise<void>;
  /** Shows the keys of known hosts. */
  readonly showKnownHosts: () => Promise<void>;
}

export function registerConnectionsTree(app: () => Promise<App>): ConnectionsTree {
  const store: Disposable[] = [];
  // The view asks for its content when it is first shown: only then is the app needed.
  const changed = new vscode.EventEmitter<void>();
  const changes = gather(calm, () => changed.fire());
  const kept = keepItems<Item>();
  let loading: Promise<App> | undefined;
  let rows: RowGlances | undefined;
  const listen = async (): Promise<App> => {
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
    return ready;
  };
  const load = async (): Promise<late.TreeNode[]> => {
    const ready = await (loading ??= listen());
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
    changed.event(async () => {
      if (loading) view.badge = badgeOf(await loading);
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

/** How many things wait for the person, on the icon of the side bar. */
function badgeOf({ viewers, knownHosts }: App): vscode.ViewBadge | undefined {
  const waits = viewers.sessions.filter(
    ({ state }) => state.kind === "failed" || (state.kind === "reconnecting" && state.wait.kind === "person"),
  );
  const value = waits.length + viewers.unconfirmed.length + knownHosts.changed.length;
  return value === 0 ? undefined : { value, tooltip: l10n.t("needs your attention: {0}", value) };
}
