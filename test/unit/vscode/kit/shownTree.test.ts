import { describe, expect, it } from "vitest";
import { createShownTree, type Node } from "../../../../src/vscode/kit/shownTree.js";

type Leaf = Node<number, { readonly id: string; readonly text?: string }>;

const node = (id: string, children?: Leaf["children"], text = ""): Leaf => ({
  item: { id, text },
  data: 1,
  ...(children && { children }),
});

/** A tree whose content is replaced, and a way to see what a view would ask for. */
function shown(first: readonly Leaf[]): {
  tree: ReturnType<typeof createShownTree<number, Leaf["item"]>>;
  replace: (nodes: readonly Leaf[]) => Promise<"all" | string[]>;
  at: (...path: string[]) => Promise<Leaf>;
} {
  let content = first;
  const tree = createShownTree(() => Promise.resolve(content));
  return {
    tree,
    replace: async (nodes) => {
      content = nodes;
      const changed = await tree.update();
      return changed === "all" ? "all" : changed.map(({ item }) => item.id);
    },
    at: async (...path) => {
      let found: Leaf | undefined;
      for (const id of path) found = (await tree.childrenOf(found)).find(({ item }) => item.id === id);
      if (!found) throw new Error(path.join("/"));
      return found;
    },
  };
}

describe("the updates of a tree view", () => {
  it("are none before anything was shown", async () => {
    const { replace } = shown([]);
    expect(await replace([node("a")])).toEqual([]);
  });

  it("are the whole tree once after a failure to load, until it can be loaded", async () => {
    let content: (() => readonly Leaf[]) | undefined = () => [node("a")];
    const tree = createShownTree<number, Leaf["item"]>(() =>
      content ? Promise.resolve(content()) : Promise.reject(new Error("no file")),
    );
    await tree.childrenOf(undefined);
    content = undefined;
    expect(await tree.update()).toBe("all");
    await expect(tree.childrenOf(undefined)).rejects.toThrow("no file");
    expect(await tree.update()).toBe("all");
    await expect(tree.childrenOf(undefined)).rejects.toThrow("no file");
    content = () => [node("b")];
    expect(await tree.update()).toBe("all");
    expect((await tree.childrenOf(undefined)).map(({ item }) => item.id)).toEqual(["b"]);
    expect(await tree.update()).toEqual([]);
  });

  it("are none if everything looks the same, and the node is the same object with newer data", async () => {
    const { replace, at } = shown([node("a", [node("b")])]);
    const before = await at("a", "b");
    const newer = { ...node("b"), data: 2 };
    expect(await replace([node("a", [newer])])).toEqual([]);
    const after = await at("a", "b");
    expect(after).toBe(before);
    expect(after.data).toBe(2);
  });

  it("are nodes that look different, and no others", async () => {
    const { replace, at } = shown([node("a", [node("b"), node("c")])]);
    const before = await at("a", "c");
    expect(await replace([node("a", [node("b"), node("c", [], "new")])])).toEqual(["c"]);
    expect(await at("a", "c")).toBe(before);
    expect(before.item.text).toBe("new");
  });

  it.each([
    ["comes", [node("b"), node("c"), node("d")]],
    ["goes", [node("b")]],
    ["moves", [node("c"), node("b")]],
  ])("are the node below which one %s", async (_, children) => {
    const { replace, at } = shown([node("a", [node("b"), node("c")]), node("z")]);
    const before = await at("a", "b");
    expect(await replace([node("a", children), node("z")])).toEqual(["a"]);
    expect(await at("a", "b")).toBe(before);
  });

  it("are the whole tree when a root comes or goes", async () => {
    const { replace, at } = shown([node("a")]);
    const before = await at("a");
    expect(await replace([node("z"), node("a")])).toBe("all");
    expect(await at("a")).toBe(before);
    expect(await replace([])).toBe("all");
  });

  it("include children of a node only after it was expanded", async () => {
    let asked = 0;
    let text = "";
    const files = (): Promise<Leaf[]> => {
      asked += 1;
      return Promise.resolve([node("file", [], text)]);
    };
    const { replace, at } = shown([node("a", files)]);
    await at("a");
    await replace([node("a", files)]);
    expect(asked).toBe(0);
    await at("a", "file");
    text = "grown";
    expect(await replace([node("a", files)])).toEqual(["file"]);
    expect(asked).toBe(2);
  });

  it("return what was shown at once, even while an update loads", async () => {
    let finish: (nodes: readonly Leaf[]) => void = () => undefined;
    const loaded = new Promise<readonly Leaf[]>((resolve) => (finish = resolve));
    const first = [node("a", [node("b")])];
    let isFirst = true;
    const tree = createShownTree<number, Leaf["item"]>(() => {
      if (!isFirst) return loaded;
      isFirst = false;
      return Promise.resolve(first);
    });
    const [root] = await tree.childrenOf(undefined);
    const below = await tree.childrenOf(root);
    const updated = tree.update();
    expect(await tree.childrenOf(undefined)).toEqual([root]);
    expect(await tree.childrenOf(root)).toBe(below);
    finish([node("a", [node("b"), node("c")])]);
    expect(await updated).toEqual([root]);
    expect((await tree.childrenOf(root)).map(({ item }) => item.id)).toEqual(["b", "c"]);
  });

  it("are the whole tree when loading fails, so that loading again reports why", async () => {
    let fails = false;
    const tree = createShownTree(() =>
      fails ? Promise.reject(new Error("gone")) : Promise.resolve([node("a")]),
    );
    await tree.childrenOf(undefined);
    fails = true;
    expect(await tree.update()).toBe("all");
    await expect(tree.childrenOf(undefined)).rejects.toThrow("gone");
  });

  it("are computed once for concurrent changes", async () => {
    let loads = 0;
    const tree = createShownTree(() => {
      loads += 1;
      return Promise.resolve([node("a")]);
    });
    await tree.childrenOf(undefined);
    await Promise.all([tree.update(), tree.update(), tree.update()]);
    expect(loads).toBe(2);
  });
});

describe("the tooltip of a node", () => {
  interface Item {
    readonly id: string;
    readonly tell: () => { readonly value: string };
  }
  let texts: string[] = [];
  let content: Node<number, Item>[] = [];
  let made = 0;
  const item = (id: number): Item => ({
    id: `host ${id}`,
    tell: () => {
      made += 1;
      return { value: texts[id] ?? "" };
    },
  });
  const load = (): void => {
    content = texts.map((_, id) => ({ item: item(id), data: id }));
  };
  const shownNow = async (): Promise<ReturnType<typeof createShownTree<number, Item>>> => {
    [texts, made] = [Array.from({ length: 1_500 }, () => "as it was"), 0];
    load();
    const tree = createShownTree(() => Promise.resolve(content));
    await tree.childrenOf(undefined);
    return tree;
  };
  const point = async (tree: Awaited<ReturnType<typeof shownNow>>, at: number): Promise<void> => {
    const node = (await tree.childrenOf(undefined))[at];
    if (node) tree.noteTold(node, node.item.tell().value);
  };
  const changedIds = async (tree: Awaited<ReturnType<typeof shownNow>>): Promise<unknown> => {
    load();
    const changed = await tree.update();
    return changed === "all" ? "all" : changed.map(({ data }) => data);
  };

  it("is computed for none that is not hovered", async () => {
    const tree = await shownNow();
    texts[7] = "other";
    expect(await changedIds(tree)).toEqual([]);
    expect(made).toBe(0);
  });

  it("is compared for a hovered node, which is updated if it changed", async () => {
    const tree = await shownNow();
    await point(tree, 7);
    expect(await changedIds(tree)).toEqual([]);
    expect(made).toBe(2);
    texts[7] = "other";
    expect(await changedIds(tree)).toEqual([7]);
    // VS Code asks again.
    texts[7] = "another";
    expect(await changedIds(tree)).toEqual([]);
  });
});

it("an item that is the same object as before is not compared", async () => {
  let looks = 0;
  const items = Array.from({ length: 1_500 }, (_, id) => ({
    id: String(id),
    toJSON: () => (looks += 1),
  }));
  let content = items.map((item) => ({ item, data: 0 }));
  const tree = createShownTree(() => Promise.resolve(content));
  await tree.childrenOf(undefined);
  looks = 0;
  content = content.with(3, { item: { id: "3", toJSON: () => (looks += 1) }, data: 0 });
  await tree.update();
  expect(looks).toBe(1);
});
