import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import type { Item } from "./item.js";
import { createShownTree, type Node as NodeWith } from "./shownTree.js";

/** A node with a stable id, so that selection and expansion survive a refresh. */
export type Node<Data> = NodeWith<Data, Item>;

/** A view that shows a tree. */
export interface ShownView<Data> extends vscode.TreeView<Node<Data>> {
  /** Shows the view, and the root with this id open in it, where there is one. */
  readonly open: (id: string) => Promise<void>;
  /**
   * Shows the view, with the focus on the first of its items once they have loaded. VS Code's own command for that gives
   * the focus to the text of a view that is empty still, and it is gone with that text.
   */
  readonly focusFirst: () => Promise<void>;
}

/** How often an item that was just loaded is shown, and milliseconds between two tries. */
const mostTries = 50;
const tryInterval = 100;

/**
 * Shows what `load` gives, and loads anew when something changed: at once, or when it is looked at again. The services
 * stay the only owners of state. An item that gets its first children is opened, where it says so.
 *
 * An item's own command must have no arguments: VS Code keeps those by the item as it was drawn, and forgets them when it
 * is drawn anew, so that a click in between leads to a command that is not there. The handler asks for what is selected.
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
        // As it was drawn, and with no tooltip of its own: the next one is asked for anew.
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
      // What a VS Code has not drawn yet it cannot show, and 1.96 says so at once.
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

/** Items that are opened at once: VS Code scrolls to each. Of more, as when many viewers come back, a person opens some. */
const mostOpened = 5;

/** VS Code opens no item by itself that it has shown without children. */
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
        // It has gone meanwhile.
      });
  };
  const carryOut = (view: vscode.TreeView<Node<Data>>): void => {
    if (isPlanned || wanted.size === 0) return;
    isPlanned = true;
    // Once VS Code has taken what is being told to it now.
    setImmediate(() => openWanted(view));
  };
  return {
    note: (node: Node<Data>, view: vscode.TreeView<Node<Data>>): void => {
      const now = node.item.collapsibleState;
      if (states.get(node) === None && now === Expanded) wanted.add(node);
      states.set(node, now);
      // Showing an item would show its view, too.
      if (view.visible) carryOut(view);
    },
    carryOut,
  };
}
