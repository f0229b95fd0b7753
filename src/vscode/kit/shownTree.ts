import { createSerialQueue } from "../../common/async/serialQueue.js";

/** The tree item of a node. The same object means that it is unchanged. */
interface Shown {
  readonly id: string;
  /** Creates its tooltip. */
  readonly tell?: (() => { readonly value: string }) | undefined;
}

/** A node with a stable id. */
export interface Node<Data, Item extends Shown> {
  readonly item: Item;
  readonly data: Data;
  /** A function if there are many, or they are expensive: called when they are first shown. */
  readonly children?: readonly Node<Data, Item>[] | (() => Promise<readonly Node<Data, Item>[]>);
}

/** The nodes that a view shows: a node stays the same object for as long as its id is shown. */
export interface ShownTree<N> {
  /** @param node missing: the roots. */
  childrenOf(node: N | undefined): Promise<readonly N[]>;
  /** @returns undefined for a root. */
  parentOf(node: N): N | undefined;
  /** Records the tooltip of a node: the node counts as changed once its tooltip would differ. */
  noteTold(node: N, text: string): void;
  /** Reloads. Resolves to the nodes that changed, or have other children. */
  update(): Promise<"all" | readonly N[]>;
}

interface Branch<Data, Item extends Shown> {
  item: Item;
  data: Data;
  /** The appearance of the item, for comparison. */
  look: string;
  /** Its last tooltip; missing if none was shown since its appearance changed. */
  told: string | undefined;
  find: () => Promise<readonly Node<Data, Item>[]>;
  readonly parent: Branch<Data, Item> | undefined;
  /** Missing: never shown. */
  members: readonly Branch<Data, Item>[] | undefined;
}

/**
 * VS Code forgets the nodes below a refreshed one until it asks for them again, and a button pressed meanwhile comes
 * without its node. So refresh only what changed, and load it beforehand.
 */
export function createShownTree<Data, Item extends Shown>(
  load: () => Promise<readonly Node<Data, Item>[]>,
): ShownTree<Node<Data, Item>> {
  type OneBranch = Branch<Data, Item>;
  let roots: readonly OneBranch[] | undefined;
  let isShown = false;
  const turns = createSerialQueue();
  let waiting: Promise<"all" | readonly OneBranch[]> | undefined;

  /** Keeps objects for known ids. `changed` has the nodes that VS Code must refresh. */
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
      // Do not wait for a running update, which reports its changes afterwards.
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
        // The roots could not be loaded and are shown empty: ask for them again.
        if (!roots) return isShown ? "all" : [];
        try {
          const { members, changed } = await renew(roots, await load());
          roots = members;
          return changed;
        } catch {
          // Loading again shows the error.
          roots = undefined;
          return "all";
        }
      });
      return waiting;
    },
  };
}

/** @returns whether its appearance, or its shown tooltip, has changed. */
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
