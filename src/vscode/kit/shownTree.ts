import { createSerialQueue } from "../../common/async/serialQueue.js";

/** What is shown of a node. The same object as before: it looks as before. */
interface Shown {
  readonly id: string;
  /** Makes what is said of it where somebody points at it. */
  readonly tell?: (() => { readonly value: string }) | undefined;
}

/** A node with a stable id. */
export interface Node<Data, Item extends Shown> {
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
  /** Notes what is said of a node where somebody points at it: the node looks different once that would be something else. */
  noteTold(node: N, text: string): void;
  /** Loads anew. Resolves to the nodes that look different now, or have other children. */
  update(): Promise<"all" | readonly N[]>;
}

interface Branch<Data, Item extends Shown> {
  item: Item;
  data: Data;
  /** What the item looks like, to be compared. */
  look: string;
  /** What was said of it last; missing while nobody pointed at it as it looks now. */
  told: string | undefined;
  find: () => Promise<readonly Node<Data, Item>[]>;
  readonly parent: Branch<Data, Item> | undefined;
  /** Missing: never shown. */
  members: readonly Branch<Data, Item>[] | undefined;
}

/**
 * VS Code forgets the nodes below one that is refreshed until they are asked for again, and a button pressed meanwhile
 * comes without its node. So nothing is refreshed that looks as before, and what is refreshed is loaded beforehand.
 */
export function createShownTree<Data, Item extends Shown>(
  load: () => Promise<readonly Node<Data, Item>[]>,
): ShownTree<Node<Data, Item>> {
  type OneBranch = Branch<Data, Item>;
  let roots: readonly OneBranch[] | undefined;
  let isShown = false;
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
      if (!branch) {
        members.push(branchOf(node, parent));
        continue;
      }
      members.push(branch);
      const looksOther = takeLook(branch, node.item);
      Object.assign(branch, { data: node.data, find: findOf(node) });
      const below = branch.members && (await renew(branch.members, await branch.find(), branch));
      branch.members = below?.members;
      if (looksOther || below?.changed === "all") changed.push(branch);
      else changed.push(...(below?.changed ?? []));
    }
    const same = before.length === members.length && before.every((branch, at) => branch === members[at]);
    return { members, changed: same ? changed : "all" };
  };

  return {
    childrenOf: (node) => {
      const branch = node as OneBranch | undefined;
      isShown ||= !branch;
      // At once, and not after an update that is under way, which tells afterwards what it changed.
      const known = branch ? branch.members : roots;
      if (known) return Promise.resolve(known);
      return turns.add(async () => {
        if (branch) return (branch.members ??= (await branch.find()).map((one) => branchOf(one, branch)));
        return (roots ??= (await load()).map((one) => branchOf(one)));
      });
    },
    parentOf: (node) => (node as OneBranch).parent,
    noteTold: (node, text) => {
      (node as OneBranch).told = text;
    },
    update: () => {
      waiting ??= turns.add(async () => {
        waiting = undefined;
        // What could not be loaded is shown empty: it is asked for again.
        if (!roots) return isShown ? "all" : [];
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

/** @returns whether it looks other than before, or would say something else of itself than it has said. */
function takeLook<Data, Item extends Shown>(branch: Branch<Data, Item>, item: Item): boolean {
  if (item === branch.item) return false;
  const look = lookOf(item);
  const isOther = look !== branch.look || (branch.told !== undefined && item.tell?.().value !== branch.told);
  Object.assign(branch, { item, look, ...(isOther && { told: undefined }) });
  return isOther;
}

function branchOf<Data, Item extends Shown>(
  node: Node<Data, Item>,
  parent?: Branch<Data, Item>,
): Branch<Data, Item> {
  const { item, data } = node;
  return {
    item,
    data,
    look: lookOf(item),
    told: undefined,
    find: findOf(node),
    parent,
    members: undefined,
  };
}

function lookOf(item: Shown): string {
  return JSON.stringify(item);
}

function findOf<Data, Item extends Shown>({ children = [] }: Node<Data, Item>): Branch<Data, Item>["find"] {
  return typeof children === "function" ? children : () => Promise.resolve(children);
}
