import { expect, it } from "vitest";
import { EntryTable } from "../../../../src/sync/manifest/entryTable.js";
import { findRunFolders } from "../../../../src/sync/runIndex/runFolders.js";

/** A table of files that are here, by their path; the second changed a second after the first, and so on. */
function tableOf(...paths: readonly string[]): EntryTable {
  const table = new EntryTable();
  for (const [index, path] of paths.entries()) {
    const mtime = `${1_700_000_000 + index}.000000000`;
    const stamp = { size: 2, mtime, ctime: mtime, inode: "7", mode: 0o644 };
    table.set({ path, kind: "file", seen: stamp, held: stamp, verified: true });
  }
  return table;
}

const foldersIn = async (table: EntryTable, most?: number): Promise<readonly string[]> =>
  [...(await findRunFolders(table, most)).keys.keys()].sort();

it("finds the folders with metadata of a run, in both layouts, and no copy of one within a run", async () => {
  const table = tableOf(
    "runs/a/1/meta.json",
    "runs/a/1/code/runs/x/meta.json",
    "runs/a/2/status.json",
    "runs/a/3/summary.json",
    "project/name/runs/4/meta.json",
    "project/meta.json",
  );
  expect(await foldersIn(table)).toEqual(["project/name/runs/4", "runs/a/1", "runs/a/2"]);
});

it("tells those apart whose metadata changed, and those that are deleted", async () => {
  const table = tableOf("runs/a/1/meta.json", "runs/a/1/summary.json");
  const keyOf = async (): Promise<string | undefined> => (await findRunFolders(table)).keys.get("runs/a/1");
  const seen = [await keyOf()];
  const held = { size: 3, mtime: "1.000000000", ctime: "1.000000000", inode: "7", mode: 0o644 };
  table.set({ path: "runs/a/1/summary.json", kind: "file", seen: held, held, verified: true });
  seen.push(await keyOf());
  table.set({ path: "runs/a/1/.deleted", kind: "file", seen: held, held, verified: true });
  seen.push(await keyOf());
  expect(new Set(seen).size).toBe(3);
});

it("keeps to those that changed last, and counts the others", async () => {
  const runs = Array.from({ length: 10 }, (_, index) => `runs/a/${index}/meta.json`);
  // Begun first, and still changing.
  const table = tableOf(...runs, "runs/a/0/status.json");
  expect(await foldersIn(table, 3)).toEqual(["runs/a/0", "runs/a/8", "runs/a/9"]);
  expect((await findRunFolders(table, 3)).leftOut).toBe(7);
  expect((await findRunFolders(table)).leftOut).toBe(0);
});

it("keeps those that are gone from the host, however many newer ones there are", async () => {
  const runs = Array.from({ length: 20 }, (_, index) => `runs/a/${index}/meta.json`);
  const table = tableOf(...runs);
  for (const path of ["runs/a/0/meta.json", "runs/a/1/meta.json", "runs/a/2/meta.json"]) {
    const entry = table.get(path);
    if (entry) table.set({ ...entry, seen: undefined });
  }
  const { keys, leftOut } = await findRunFolders(table, 10);
  expect([...keys.keys()].filter((folder) => /\/[0-2]$/.test(folder))).toEqual(["runs/a/1", "runs/a/2"]);
  expect([keys.size, leftOut]).toEqual([10, 10]);
});
