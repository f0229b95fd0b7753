import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import type { Item } from "./item.js";
import { createShownTree, type Node as NodeWith } from "./shownTree.js";

/** A node with a stable id, so that selection and expansion survive a refresh. */
export type Node<Data> = NodeWith<Data, Item>;

/** A tree view. */
export interface ShownView<Data> extends vscode.TreeView<Node<Data>> {
  /** Shows the view, and expands the root with this id, if any. */
  readonly open: (id: string) => Promise<void>;
  /**
   * Shows the view, and focuses its first item once loaded. VS Code's own command would focus the welcome text of a
   * view that is still empty, and the focus is lost with that text.
   */
  readonly focusFirst: () => Promise<void>;
}

/** How often to try to reveal an item that was just loaded, and milliseconds between two tries. */
const mostTries = 50;
const tryInterval = 100;

/**
 * Shows the nodes that `load` returns, and reloads on changes, or once visible again. The services stay the only owners
 * of state. An item that gets its first children is expanded, if it says so.
 *
 * An item's command must have no arguments: VS Code stores them for the rendered item, and forgets them when it is
 * rendered again, so that a click in between would run a missing command. The handler uses the selection.
 */
export function registerTree<Data>(
  viewId: string,
  load: () => Promise<readonly Node<Data>[]>,
  onDidChange: vscode.Event<void>,
  options: Pick<
    vscode.TreeViewOptions<Node<Data>>,
    "canSelectMany" | "showCollapseAll" | "dragAndDropController"
  > = {},
): ShownView<Data> {
  const tree = createShownTree(load);
  const changed = new vscode.EventEmitter<Node<Data>[] | undefined>();
  const openings = createOpenings<Data>();
  let isStale = false;
  const update = async (): Promise<void> => {
    isStale = false;
    const nodes = await tree.update();
    if (nodes === "all") changed.fire(undefined);
    else if (nodes.length > 0) changed.fire([...nodes]);
  };
  const view = vscode.window.createTreeView<Node<Data>>(viewId, {
    ...options,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => [...(await tree.childrenOf(node))],
      getParent: (node) => tree.parentOf(node),
      getTreeItem: (node) => {
        openings.note(node, view);
        return node.item;
      },
      resolveTreeItem: (item, node) => {
        const { tell } = node.item;
        if (!tell) return item;
        const tooltip = tell();
        tree.noteTold(node, tooltip.value);
        // A copy, so that the item itself has no tooltip and the next one is resolved again.
        const pointedAt = Object.create(Object.getPrototypeOf(item) as object) as vscode.TreeItem;
        return Object.assign(pointedAt, item, { tooltip });
      },
    },
  });
  const listening = [
    onDidChange(async () => {
      isStale = true;
      if (view.visible) await update();
    }),
    view.onDidChangeVisibility(async () => {
      if (!view.visible) return;
      if (isStale) await update();
      openings.carryOut(view);
    }),
  ];
  const dispose = view.dispose.bind(view);
  return Object.assign(view, {
    open: async (id: string) => {
      await vscode.commands.executeCommand(`${viewId}.focus`);
      const node = (await tree.childrenOf(undefined)).find(({ item }) => item.id === id);
      if (node) await view.reveal(node, { expand: true, focus: true });
    },
    focusFirst: async () => {
      await vscode.commands.executeCommand(`${viewId}.focus`);
      const [first] = view.selection.length > 0 ? view.selection : await tree.childrenOf(undefined);
      // VS Code cannot reveal an item that is not rendered yet; 1.96 rejects immediately.
      for (let tries = 0; first && tries < mostTries; tries += 1) {
        const shown = view.reveal(first, { focus: true, select: false }).then(() => true);
        if (await Promise.resolve(shown).catch(() => false)) return;
        await delay(tryInterval);
      }
    },
    dispose: () => {
      listening.forEach((one) => void one.dispose());
      changed.dispose();
      dispose();
    },
  });
}

/**
 * Maximum number of items expanded at once, because VS Code scrolls to each. With more, as when many viewers reconnect,
 * none is expanded.
 */
const mostOpened = 5;

/** VS Code does not expand an item that it has shown without children, so we do. */
function createOpenings<Data>() {
  const states = new WeakMap<Node<Data>, vscode.TreeItemCollapsibleState | undefined>();
  const wanted = new Set<Node<Data>>();
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  let isPlanned = false;
  const openWanted = (view: vscode.TreeView<Node<Data>>): void => {
    isPlanned = false;
    const nodes = [...wanted];
    wanted.clear();
    if (nodes.length > mostOpened) return;
    for (const node of nodes)
      view.reveal(node, { expand: true, focus: false, select: false }).then(undefined, () => {
        // The item has gone meanwhile.
      });
  };
  const carryOut = (view: vscode.TreeView<Node<Data>>): void => {
    if (isPlanned || wanted.size === 0) return;
    isPlanned = true;
    // After VS Code has processed the pending change event.
    setImmediate(() => openWanted(view));
  };
  return {
    note: (node: Node<Data>, view: vscode.TreeView<Node<Data>>): void => {
      const now = node.item.collapsibleState;
      if (states.get(node) === None && now === Expanded) wanted.add(node);
      states.set(node, now);
      // Revealing an item would also show its view.
      if (view.visible) carryOut(view);
    },
    carryOut,
  };
}
