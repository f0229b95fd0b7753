import * as vscode from "vscode";
import { createShownTree, type Node as NodeWith } from "./shownTree.js";

/** A node with a stable id, so that selection and expansion survive a refresh. */
export type Node<Data> = NodeWith<Data, vscode.TreeItem & { readonly id: string }>;

/** A view that shows a tree. */
export interface ShownView<Data> extends vscode.TreeView<Node<Data>> {
  /** Shows the view, and the root with this id open in it, where there is one. */
  readonly open: (id: string) => Promise<void>;
}

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
  options: Pick<vscode.TreeViewOptions<Node<Data>>, "canSelectMany" | "showCollapseAll"> = {},
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
    dispose: () => {
      listening.forEach((one) => void one.dispose());
      changed.dispose();
      dispose();
    },
  });
}

/** VS Code opens no item by itself that it has shown without children. */
function createOpenings<Data>() {
  const states = new WeakMap<Node<Data>, vscode.TreeItemCollapsibleState | undefined>();
  const wanted = new Set<Node<Data>>();
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const carryOut = (view: vscode.TreeView<Node<Data>>): void => {
    for (const node of wanted) {
      wanted.delete(node);
      // Once VS Code has taken what is being told to it now.
      setImmediate(() => {
        view.reveal(node, { expand: true, focus: false, select: false }).then(undefined, () => {
          // It has gone meanwhile.
        });
      });
    }
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
