import { createSerialQueue } from "../../common/async/serialQueue.js";

/** A node with a stable id. */
export interface Node<Data, Item extends { readonly id: string }> {
  readonly item: Item;
  readonly data: Data;
  /** Those that are many, or cost something to find, are found when they are first shown. */
  readonly children?: readonly Node<Data, Item>[] | (() => Promise<readonly Node<Data, Item>[]>);
}

/** What a view shows, known node by node: a node is the same object for as long as its id is shown. */
export interface ShownTree<N> {
  /** @param node missing: the roots. */
  childrenOf(node: N | undefined): Promise<readonly N[]>;
  /** @returns undefined for a root. */
  parentOf(node: N): N | undefined;
  /** Loads anew. Resolves to the nodes that look different now, or have other children. */
  update(): Promise<"all" | readonly N[]>;
}

interface Branch<Data, Item extends { readonly id: string }> {
  item: Item;
  data: Data;
  /** What the item looks like, to be compared. */
  look: string;
  find: () => Promise<readonly Node<Data, Item>[]>;
  readonly parent: Branch<Data, Item> | undefined;
  /** Missing: never shown. */
  members: readonly Branch<Data, Item>[] | undefined;
}

/**
 * VS Code forgets the nodes below one that is refreshed until they are asked for again, and a button pressed meanwhile
 * comes without its node. So nothing is refreshed that looks as before, and what is refreshed is loaded beforehand.
 */
export function createShownTree<Data, Item extends { readonly id: string }>(
  load: () => Promise<readonly Node<Data, Item>[]>,
): ShownTree<Node<Data, Item>> {
  type OneBranch = Branch<Data, Item>;
  let roots: readonly OneBranch[] | undefined;
  const turns = createSerialQueue();
  let waiting: Promise<"all" | readonly OneBranch[]> | undefined;

  /** The same objects as before for ids that were there. `changed` holds those that VS Code must ask about again. */
  const renew = async (
    before: readonly OneBranch[],
    nodes: readonly Node<Data, Item>[],
    parent?: OneBranch,
  ): Promise<{ members: readonly OneBranch[]; changed: "all" | readonly OneBranch[] }> => {
    const known = new Map(before.map((branch) => [branch.item.id, branch]));
    const changed: OneBranch[] = [];
    const members: OneBranch[] = [];
    for (const node of nodes) {
      const branch = known.get(node.item.id);
      const fresh = branchOf(node, parent);
      members.push(branch ?? fresh);
      if (!branch) continue;
      const looksOther = fresh.look !== branch.look;
      Object.assign(branch, { item: fresh.item, data: fresh.data, look: fresh.look, find: fresh.find });
      const below = branch.members && (await renew(branch.members, await branch.find(), branch));
      branch.members = below?.members;
      if (looksOther || below?.changed === "all") changed.push(branch);
      else changed.push(...(below?.changed ?? []));
    }
    const same = before.length === members.length && before.every((branch, at) => branch === members[at]);
    return { members, changed: same ? changed : "all" };
  };

  return {
    childrenOf: (node) =>
      turns.add(async () => {
        const branch = node as OneBranch | undefined;
        if (branch) return (branch.members ??= (await branch.find()).map((one) => branchOf(one, branch)));
        return (roots ??= (await load()).map((one) => branchOf(one)));
      }),
    parentOf: (node) => (node as OneBranch).parent,
    update: () => {
      waiting ??= turns.add(async () => {
        waiting = undefined;
        if (!roots) return [];
        try {
          const { members, changed } = await renew(roots, await load());
          roots = members;
          return changed;
        } catch {
          // Asking again shows what is wrong.
          roots = undefined;
          return "all";
        }
      });
      return waiting;
    },
  };
}

function branchOf<Data, Item extends { readonly id: string }>(
  { item, data, children = [] }: Node<Data, Item>,
  parent?: Branch<Data, Item>,
): Branch<Data, Item> {
  const find = typeof children === "function" ? children : () => Promise.resolve(children);
  return { item, data, look: JSON.stringify(item), find, parent, members: undefined };
}
