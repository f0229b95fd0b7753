import * as vscode from "vscode";

/** A node with a stable id, so that selection and expansion survive a refresh. */
export interface Node<Data> {
  readonly item: vscode.TreeItem & { readonly id: string };
  readonly data: Data;
  /** Those that are many, or cost something to find, are found when they are first shown. */
  readonly children?: readonly Node<Data>[] | (() => Promise<readonly Node<Data>[]>);
}

/** Shows what `load` gives, and loads anew when something changed. The services stay the only owners of state. */
export function registerTree<Data>(
  viewId: string,
  load: () => Promise<readonly Node<Data>[]>,
  onDidChange: vscode.Event<void>,
  options: Pick<vscode.TreeViewOptions<Node<Data>>, "canSelectMany" | "showCollapseAll"> = {},
): vscode.TreeView<Node<Data>> {
  const childrenOf = async ({ children = [] }: Node<Data>): Promise<readonly Node<Data>[]> =>
    typeof children === "function" ? children() : children;
  return vscode.window.createTreeView<Node<Data>>(viewId, {
    ...options,
    treeDataProvider: {
      onDidChangeTreeData: onDidChange,
      getChildren: async (node) => [...(await (node ? childrenOf(node) : load()))],
      getTreeItem: ({ item }) => item,
    },
  });
}
