import { describe, expect, it } from "vitest";
import type { CopyMode } from "../../../../src/sync/runIndex/layout.js";
import { EntryTable } from "../../../../src/sync/manifest/entryTable.js";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import { plan } from "../../../../src/sync/pass/plan.js";
import type { Stamp } from "../../../../src/sync/remote/remoteFiles.js";

const now = 1_000;
const stamp = (changes: Partial<Stamp> = {}): Stamp => ({
  size: 10,
  mtime: "100.000000000",
  ctime: "100.000000000",
  inode: "7",
  mode: 0o644,
  ...changes,
});
const file = (changes: Partial<ManifestEntry>): ManifestEntry => ({
  path: "runs/a/20260101_000000_aaaaaa/media/x.png",
  kind: "file",
  seen: stamp(),
  verified: true,
  ...changes,
});
const metadata = "runs/a/20260101_000000_aaaaaa/summary.json";

const cases: readonly (readonly [string, CopyMode, ManifestEntry, string | undefined])[] = [
  ["a file of which nothing is here", "mirror", file({}), "fetch"],
  ["the same in smart mode", "smart", file({}), undefined],
  ["metadata in smart mode", "smart", file({ path: metadata }), "fetch"],
  [
    "metadata of four gigabytes",
    "smart",
    file({ path: metadata, seen: stamp({ size: 2 ** 32 }) }),
    undefined,
  ],
  ["a file with that name elsewhere", "smart", file({ path: "notes/summary.json" }), undefined],
  ["a file that is as it was", "mirror", file({ held: stamp() }), undefined],
  ["a file that grew", "mirror", file({ held: stamp({ size: 5 }) }), "fetch"],
  ["a file with another time", "mirror", file({ held: stamp({ mtime: "99.000000000" }) }), "fetch"],
  ["a file with another change time", "mirror", file({ held: stamp({ ctime: "99.000000000" }) }), "verify"],
  ["another file with the same times", "mirror", file({ held: stamp({ inode: "8" }) }), "verify"],
  ["a file read while it was fresh", "mirror", file({ held: stamp(), verified: false }), "verify"],
  [
    "a file that is fresh still",
    "mirror",
    file({
      seen: stamp({ ctime: "999.000000000" }),
      held: stamp({ ctime: "999.000000000" }),
      verified: false,
    }),
    undefined,
  ],
  [
    "a file from a clock an hour ahead",
    "mirror",
    file({
      seen: stamp({ ctime: "4600.000000000" }),
      held: stamp({ ctime: "4600.000000000" }),
      verified: false,
    }),
    "verify",
  ],
  ["a file that is gone", "mirror", file({ seen: undefined, held: stamp() }), "remove"],
  ["a file that is gone while it came", "mirror", file({ seen: undefined, partial: stamp() }), "remove"],
  ["a file that was never here and is gone", "mirror", file({ seen: undefined }), undefined],
  ["a folder", "mirror", file({ kind: "folder" }), "make-folder"],
  ["a folder in smart mode", "smart", file({ kind: "folder" }), undefined],
  [
    "a folder with other permissions",
    "mirror",
    file({ kind: "folder", held: stamp({ mode: 0o700 }) }),
    "make-folder",
  ],
  ["a folder that is as it was", "mirror", file({ kind: "folder", held: stamp() }), undefined],
];

/** What is done to which path, one after the other. */
async function stepsOf(entries: readonly ManifestEntry[], mode: CopyMode): Promise<readonly string[][]> {
  const table = new EntryTable();
  entries.forEach((entry) => table.set(entry));
  const { remove, makeFolder, verify, fetch } = await plan(table, mode, now);
  const all = { remove, "make-folder": makeFolder, verify, fetch };
  return Object.entries(all).flatMap(([kind, list]) => [...list].map(({ path }) => [kind, path]));
}

describe("the plan", () => {
  it.each(cases)("for %s", async (_name, mode, entry, expected) => {
    expect((await stepsOf([entry], mode)).map(([kind]) => kind)).toEqual(expected ? [expected] : []);
  });

  it("removes from the bottom, makes folders from the top, and takes small files first", async () => {
    const folder = (path: string): ManifestEntry => file({ path, kind: "folder" });
    const gone = (path: string): ManifestEntry => file({ path, seen: undefined, held: stamp() });
    const sized = (path: string, size: number): ManifestEntry => file({ path, seen: stamp({ size }) });
    const entries = [sized("big", 99), gone("a"), folder("n/m"), sized("small", 1), gone("a/b"), folder("n")];
    expect((await stepsOf(entries, "mirror")).map((step) => step.join(" "))).toEqual([
      "remove a/b",
      "remove a",
      "make-folder n",
      "make-folder n/m",
      "fetch small",
      "fetch big",
    ]);
  });
});
