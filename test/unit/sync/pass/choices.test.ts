import { describe, expect, it } from "vitest";
import { EntryTable } from "../../../../src/sync/manifest/entryTable.js";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import { type Choices, choicesOf, noChoices } from "../../../../src/sync/pass/choices.js";
import { plan } from "../../../../src/sync/pass/plan.js";
import { sizesOf } from "../../../../src/sync/pass/survey.js";
import type { Stamp } from "../../../../src/sync/remote/remoteFiles.js";

const now = 1_000;
const stamp: Stamp = { size: 10, mtime: "100.000000000", ctime: "100.000000000", inode: "7", mode: 0o644 };
const file = (path: string, changes: Partial<ManifestEntry> = {}): ManifestEntry => ({
  path,
  kind: "file",
  seen: stamp,
  ...changes,
});
const gone = (path: string, changes: Partial<ManifestEntry> = {}): ManifestEntry =>
  file(path, { seen: undefined, held: stamp, ...changes });

function tableOf(...entries: readonly ManifestEntry[]): EntryTable {
  const table = new EntryTable();
  for (const entry of entries) table.set(entry);
  return table;
}

/** What a mirror does with each, by path. */
async function planned(table: EntryTable, choices: Choices): Promise<Record<string, string>> {
  const steps = await plan(table, "mirror", now, choices);
  return Object.fromEntries(
    (["remove", "makeFolder", "fetch", "verify"] as const).flatMap((step) =>
      [...steps[step]].map(({ path }): [string, string] => [path, step]),
    ),
  );
}

describe("files that the user excludes", () => {
  const excluding = (...exclude: string[]): Choices => choicesOf({ keepGone: false, exclude });

  it.each<[pattern: string, path: string, kind: "file" | "folder", excluded: boolean]>([
    ["*.pt", "runs/a/1/model.pt", "file", true],
    ["*.pt", "runs/a/1/model.pt2", "file", false],
    ["*.pt", "runs/a/1/MODEL.PT", "file", false],
    ["checkpoints/", "runs/a/checkpoints", "folder", true],
    ["checkpoints/", "runs/a/checkpoints", "file", false],
    ["checkpoints/", "runs/a/checkpoints/1/x", "file", true],
    ["/runs/old", "runs/old/1/meta.json", "file", true],
    ["/old", "runs/old/1/meta.json", "file", false],
    ["**/media/*.png", "runs/a/1/media/x.png", "file", true],
    ["模型", "runs/模型/x", "file", true],
    ["#x", "#x", "file", false],
    ["[", "[", "file", false],
    ["*.pt", "..x/./a.pt", "file", true],
    ["*.pt", "a\n.pt", "file", true],
    ["*.pt", "\udc80.pt", "file", true],
  ])("with %j: %j as a %s, %s", (pattern, path, kind, excluded) => {
    expect(excluding(pattern).isExcluded({ path, kind })).toBe(excluded);
  });

  it("are decided by the last matching pattern", () => {
    const choices = excluding("*.pt", "!best.pt");
    expect(choices.isExcluded({ path: "runs/best.pt", kind: "file" })).toBe(false);
    expect(choices.isExcluded({ path: "runs/last.pt", kind: "file" })).toBe(true);
  });

  it("are neither fetched nor removed until they are no longer excluded", async () => {
    const table = tableOf(file("a.pt"), file("a.txt"), gone("b.pt"), gone("b.txt"));
    const others = { "a.txt": "fetch", "b.txt": "remove" };
    const choices = excluding("*.pt");
    expect(await planned(table, choices)).toEqual(others);
    expect(await planned(table, choices)).toEqual(others);
    expect(await planned(table, noChoices)).toEqual({ ...others, "a.pt": "fetch", "b.pt": "remove" });
  });

  it("are checked once for each change", async () => {
    const asked: string[] = [];
    const choices: Choices = {
      keepGone: false,
      isExcluded: ({ path }) => {
        asked.push(path);
        return true;
      },
    };
    const table = tableOf(file("a"), file("b"));
    await planned(table, choices);
    await planned(table, choices);
    expect(asked).toEqual(["a", "b"]);
    table.set(file("a", { seen: { ...stamp, size: 11 } }));
    await planned(table, choices);
    expect(asked).toEqual(["a", "b", "a"]);
  });
});

describe("files deleted on the host, when they are kept", () => {
  const keeping = choicesOf({ keepGone: true, exclude: [] });

  it("stay with their folders until they are no longer to be kept", async () => {
    const folder = gone("runs", { kind: "folder" });
    const table = tableOf(folder, gone("runs/a"), file("new"));
    expect(await planned(table, keeping)).toEqual({ new: "fetch" });
    expect(await planned(table, noChoices)).toEqual({ new: "fetch", runs: "remove", "runs/a": "remove" });
  });

  it("do not stay if they are incomplete, or if the host has a file in place of their folder", async () => {
    const half = gone("half", { held: undefined, partial: stamp });
    const table = tableOf(half, file("was/folder"), gone("was/folder/deep/a"));
    expect(await planned(table, keeping)).toEqual({
      half: "remove",
      "was/folder": "fetch",
      "was/folder/deep/a": "remove",
    });
  });

  it("are fetched again when they come back", async () => {
    const table = tableOf(gone("a"));
    await planned(table, keeping);
    table.set(file("a", { held: { ...stamp, size: 5 } }));
    expect(await planned(table, keeping)).toEqual({ a: "fetch" });
  });
});

it("the sizes of a copy are those on the host, missing ones and excluded ones", async () => {
  const table = tableOf(
    file("a", { seen: { ...stamp, size: 100 } }),
    file("b", { held: stamp, verified: true }),
    file("c.pt", { seen: { ...stamp, size: 1_000 } }),
    gone("d"),
    file("runs", { kind: "folder" }),
  );
  expect(await sizesOf(table, "mirror", choicesOf({ keepGone: true, exclude: ["*.pt"] }))).toEqual({
    wanted: { files: 2, bytes: 110 },
    missing: { files: 1, bytes: 100 },
    excluded: { files: 1, bytes: 1_000 },
  });
});
