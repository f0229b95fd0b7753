import type { NodeData, TreeNode } from "../sideBar/nodes.js";

type DataOf<K extends NodeData["kind"]> = Extract<NodeData, { readonly kind: K }>;

/** The data of the tree item that a command was invoked on. */
export function dataOf<K extends NodeData["kind"]>(argument: unknown, kind: K): DataOf<K> | undefined {
  if (typeof argument !== "object" || argument === null || !("data" in argument)) return undefined;
  const { data } = argument as TreeNode;
  return data.kind === kind ? (data as DataOf<K>) : undefined;
}

/** The subjects of a command: all selected items of a kind, or the one that it was invoked on. */
export function chosenOf<K extends NodeData["kind"]>(
  argument: unknown,
  selection: unknown,
  kind: K,
): DataOf<K>[] {
  const all: readonly unknown[] = Array.isArray(selection) && selection.length > 0 ? selection : [argument];
  return all.flatMap((one) => dataOf(one, kind) ?? []);
}
