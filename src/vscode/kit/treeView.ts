import * as vscode from "vscode";
import { createShownTree, type Node as NodeWith } from "./shownTree.js";

/** A node with a stable id, so that selection and expansion survive a refresh. */
export type Node<Data> = NodeWith<Data, vscode.TreeItem & { readonly id: string }>;

/** Shows what `load` gives, and loads anew when something changed. The services stay the only owners of state. */
export function registerTree<Data>(
  viewId: string,
  load: () => Promise<readonly Node<Data>[]>,
  onDidChange: vscode.Event<void>,
  options: Pick<vscode.TreeViewOptions<Node<Data>>, "canSelectMany" | "showCollapseAll"> = {},
): vscode.TreeView<Node<Data>> {
  const tree = createShownTree(load);
  const changed = new vscode.EventEmitter<Node<Data>[] | undefined>();
  const listening = onDidChange(async () => {
    const nodes = await tree.update();
    if (nodes === "all") changed.fire(undefined);
    else if (nodes.length > 0) changed.fire([...nodes]);
  });
  const view = vscode.window.createTreeView<Node<Data>>(viewId, {
    ...options,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => [...(await tree.childrenOf(node))],
      getTreeItem: ({ item }) => item,
    },
  });
  const dispose = view.dispose.bind(view);
  return Object.assign(view, {
    dispose: () => {
      listening.dispose();
      changed.dispose();
      dispose();
    },
  });
}
