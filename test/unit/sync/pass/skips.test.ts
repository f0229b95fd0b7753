import { expect, it } from "vitest";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import { createSkips } from "../../../../src/sync/pass/skips.js";

function entryOf(path: string, ctime: string): ManifestEntry {
  return { path, kind: "file", seen: { size: 1, mtime: "1", ctime, inode: "1", mode: 0o644 } };
}

it("tries again after longer and longer times, and at once when something about it changed", () => {
  let now = 0;
  const skips = createSkips(() => now);
  const entry = entryOf("a/b", "1");
  expect(skips.isDue(entry)).toBe(true);
  const waits: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    skips.note(entry, "denied");
    const from = now;
    while (!skips.isDue(entry)) now += 100;
    waits.push(now - from);
  }
  expect(waits.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
  expect(Math.max(...waits)).toBe(60_000);
  skips.note(entry, "denied");
  expect(skips.isDue(entryOf("a/b", "2"))).toBe(true);
  expect(skips.list()).toEqual([{ path: "a/b", why: "denied" }]);
});

it("tries what changes all the time at each pass", () => {
  const skips = createSkips(() => 0);
  skips.note(entryOf("a", "1"), "changing");
  expect(skips.isDue(entryOf("a", "1"))).toBe(true);
});

it("knows what is below, and forgets what is settled or no longer wanted", () => {
  const skips = createSkips(() => 0);
  expect(skips.hasAbove("a/b/c")).toBe(false);
  for (const path of ["a", "b", "c"]) skips.note(entryOf(path, "1"), "in-use");
  expect([skips.hasAbove("a/b/c"), skips.hasAbove("a"), skips.hasAbove("ab/c")]).toEqual([
    true,
    false,
    false,
  ]);
  skips.settle("a");
  skips.keepOnly((path) => path === "c");
  expect(skips.list()).toEqual([{ path: "c", why: "in-use" }]);
});
