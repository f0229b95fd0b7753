import { describe, expect, it } from "vitest";
import {
  groupOf,
  groupsOf,
  inOrder,
  isOrdered,
  moved,
  movedGroup,
  type Place,
  put,
  regrouped,
  unordered,
} from "../../src/connectionOrder.js";
import type { SavedConnection } from "../../src/savedConnections.js";

/** Written as `name` or `group/name`; the last of them was opened last. */
const saved = (...written: string[]): SavedConnection[] =>
  written.map((one, openedAt) => {
    const [name = "", group] = one.split("/").reverse();
    return { id: name, name, target: { host: name }, openedAt, ...(group !== undefined && { group }) };
  });
const shown = (all: readonly SavedConnection[]): string =>
  inOrder(all)
    .map((one) => [...(groupOf(one) === undefined ? [] : [groupOf(one)]), one.name].join("/"))
    .join(" ");
const after = (all: readonly SavedConnection[], changed: readonly SavedConnection[]): SavedConnection[] =>
  all.map((one) => changed.find(({ id }) => id === one.id) ?? one);

describe("the order of connections", () => {
  it("is that of their last use, group by group, until it is made by hand", () => {
    const all = saved("a", "lab/b", "c", "home/d", "lab/e");
    expect(shown(all)).toBe("lab/e lab/b home/d c a");
    expect(groupsOf(all)).toEqual(["lab", "home"]);
    expect(isOrdered(all)).toBe(false);
  });

  it("is changed one step at a time, within a group", () => {
    const all = saved("c", "b", "a");
    const one = after(all, moved(all, "a", 1));
    expect(shown(one)).toBe("b a c");
    expect(isOrdered(one)).toBe(true);
    expect(shown(after(one, moved(one, "c", -1)))).toBe("b c a");
    expect(moved(one, "b", -1)).toEqual([]);
    expect(moved(one, "gone", 1)).toEqual([]);
    const grouped = saved("b", "lab/a");
    expect(moved(grouped, "a", 1)).toEqual([]);
  });

  it("stays when one is opened, and has what is new on top", () => {
    const all = saved("c", "b", "a");
    const ordered = after(all, moved(all, "a", 1));
    const opened = ordered.map((one) => (one.id === "c" ? { ...one, openedAt: 99 } : one));
    expect(shown([...opened, ...saved("new")])).toBe("new b a c");
  });

  it("can be reset", () => {
    const all = saved("c", "b", "a");
    const ordered = after(all, moved(all, "a", 1));
    expect(shown(after(ordered, unordered(ordered)))).toBe("a b c");
    expect(unordered(all)).toEqual([]);
  });

  it("of groups is changed with all that is in them", () => {
    const all = saved("z", "x/b", "x/a", "y/c");
    expect(shown(all)).toBe("y/c x/a x/b z");
    expect(shown(after(all, movedGroup(all, "y", 1)))).toBe("x/a x/b y/c z");
    expect(movedGroup(all, "y", -1)).toEqual([]);
    expect(movedGroup(all, "x", 1)).toEqual([]);
    expect(movedGroup(all, "gone", 1)).toEqual([]);
  });

  const all = saved("d", "c", "lab/b", "a");
  const at = (id: string): Place => ({ kind: "connection", id });
  it.each<[string, string[], Place, string]>([
    ["in the place of one below", ["a"], at("d"), "lab/b c d a"],
    ["in the place of one above", ["d"], at("a"), "lab/b d a c"],
    ["into the group of another", ["c", "d"], at("b"), "lab/c lab/d lab/b a"],
    ["at the end of a group", ["d", "a"], { kind: "group", name: "lab" }, "lab/b lab/a lab/d c"],
    ["into a group that is new", ["c"], { kind: "group", name: "new" }, "lab/b new/c a d"],
    ["at the end, out of its group", ["b"], { kind: "end" }, "a c d b"],
  ])("takes those that are put %s", (_, ids, place, expected) => {
    expect(shown(all)).toBe("lab/b a c d");
    expect(shown(after(all, put(all, ids, place)))).toBe(expected);
  });

  it("stays where nothing is put anywhere else", () => {
    expect(put(all, ["a"], at("a"))).toEqual([]);
    expect(put(all, ["a"], at("gone"))).toEqual([]);
    expect(put(all, ["gone"], { kind: "end" })).toEqual([]);
  });

  it("stays when a group is renamed; a group that is left by all is gone", () => {
    const renamed = after(
      all,
      regrouped(all, ({ id }) => id === "b", "other"),
    );
    expect(shown(renamed)).toBe("other/b a c d");
    const left = after(
      renamed,
      regrouped(renamed, () => true, undefined),
    );
    expect(groupsOf(left)).toEqual([]);
    expect(regrouped(left, () => true, undefined)).toEqual([]);
  });

  it("takes names of groups from anywhere", () => {
    expect(groupOf({ group: "  " })).toBeUndefined();
    expect(groupOf({ group: " lab " })).toBe("lab");
    expect(groupOf({ group: "x".repeat(5_000) })).toHaveLength(100);
  });

  it.each([
    ["at a blank", `${"a".repeat(99)} and more`],
    ["at an emoji", `${"a".repeat(99)}😀😀`],
    ["that is all emoji", "😀".repeat(5_000)],
    ["with emoji at odd places", `a${"😀".repeat(200)}`],
  ])("cuts a long name of a group %s, so that it stays one group", (_, group) => {
    const all = saved("x", "y").map((one) => (one.id === "x" ? { ...one, group } : one));
    const [name = ""] = groupsOf(all);
    expect(groupsOf(after(all, put(all, ["y"], { kind: "group", name })))).toEqual([name]);
    expect(name).not.toMatch(/\p{Cs}/u);
    expect([...name].length).toBeGreaterThanOrEqual(99);
  });

  it("of 1,000 connections is made in no time", () => {
    const many = saved(...Array.from({ length: 1_000 }, (_, one) => `g${one % 50}/h${one}`));
    const start = performance.now();
    expect(put(many, ["h7"], at("h999"))).toHaveLength(1_000);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
