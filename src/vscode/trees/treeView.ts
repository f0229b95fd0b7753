import * as vscode from "vscode";
import type { Disposable } from "../../common/disposable.js";

/** A node with a stable id, so that selection and expansion survive a refresh. */
export interface Node<Data> {
  readonly item: vscode.TreeItem & { readonly id: string };
  readonly data: Data;
  readonly children?: readonly Node<Data>[];
}

/** Shows what `load` gives, and loads anew when something changed. The services stay the only owners of state. */
export function registerTree<Data>(
  viewId: string,
  load: () => Promise<readonly Node<Data>[]>,
  onDidChange: vscode.Event<void>,
): Disposable {
  return vscode.window.createTreeView<Node<Data>>(viewId, {
    treeDataProvider: {
      onDidChangeTreeData: onDidChange,
      getChildren: async (node) => [...(node ? (node.children ?? []) : await load())],
      getTreeItem: ({ item }) => item,
    },
  });
}
