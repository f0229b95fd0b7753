import { describe, expect, it } from "vitest";
import { type NameRules, rulesOf } from "../../../../src/sync/cache/nameRules.js";
import { settleOldNames } from "../../../../src/sync/cache/oldNames.js";
import { EntryTable } from "../../../../src/sync/manifest/entryTable.js";
import type { Manifest } from "../../../../src/sync/manifest/manifest.js";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import { stampOf } from "../../../../src/sync/remote/stamp.js";

const stamp = stampOf({ size: 1, mtime: "1.0", ctime: "1.0", inode: "1", mode: 0o644 });
const here = (path: string): ManifestEntry => ({ path, kind: "file", seen: stamp, held: stamp });

/** Settles these files of an earlier version. @returns the local paths that were removed, and what is known then. */
async function settled(rules: NameRules, ...paths: string[]) {
  const entries = new EntryTable();
  for (const path of paths) entries.set(here(path));
  const manifest: Manifest = {
    entries,
    version: 0,
    reads: 1,
    get: (path) => entries.get(path),
    set: (entry) => entries.set(entry),
    remove: (path) => void entries.remove(path),
    flush: () => Promise.resolve(),
    refresh: () => Promise.resolve(false),
  };
  const removed: string[] = [];
  await settleOldNames("/files", rules, manifest, (file) => {
    removed.push(file);
    return Promise.resolve();
  });
  return { removed, entry: (path: string) => entries.get(path) };
}

describe("the files of a copy that an earlier version made", () => {
  it("keep their names where the file system tells all names apart", async () => {
    const { removed, entry } = await settled(rulesOf("linux"), "runs/A", "runs/a");
    expect(removed).toEqual([]);
    expect(entry("runs/A")?.held).toBeDefined();
  });

  it("are fetched again where two may have each other's bytes, and only those", async () => {
    const { removed, entry } = await settled(rulesOf("win32"), "runs/log", "runs/LOG", "runs/other");
    expect(removed.length).toBeGreaterThanOrEqual(2);
    expect(removed.filter((file) => /other/.test(file))).toEqual([]);
    for (const path of ["runs/log", "runs/LOG"]) {
      expect(entry(path)?.held).toBeUndefined();
      expect(entry(path)?.seen).toBeDefined();
    }
    expect(entry("runs/other")?.held).toBeDefined();
    expect(entry("runs/other")?.localName).toBe("other");
  });

  it("are fetched again where Windows keeps a name that an earlier version used", async () => {
    const { removed, entry } = await settled(rulesOf("win32"), "runs/com¹.txt", "runs/com9.txt");
    expect(removed.some((file) => file.includes("com¹.txt"))).toBe(true);
    expect(entry("runs/com¹.txt")?.held).toBeUndefined();
    expect(entry("runs/com9.txt")?.held).toBeDefined();
  });

  it("do not take other folders with them whose names clash with nothing", async () => {
    const { removed, entry } = await settled(rulesOf("darwin"), "A/x", "a/y", "b/x");
    expect(removed.filter((file) => file.startsWith("/files/b"))).toEqual([]);
    expect(entry("b/x")?.held).toBeDefined();
    expect(entry("A/x")?.held).toBeUndefined();
    expect(entry("a/y")?.held).toBeUndefined();
  });
});
