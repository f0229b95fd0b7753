import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameStamp } from "../../../../src/sync/manifest/sameness.js";
import { EntryTable, type TableLimits } from "../../../../src/sync/manifest/entryTable.js";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import { decodeBytes } from "../../../../src/common/text/bytes.js";
import {
  type Found,
  isSameIdentity,
  type LocalIdentity,
} from "../../../../src/sync/manifest/localIdentity.js";
import type { RemoteEntry, Stamp } from "../../../../src/sync/remote/remoteFiles.js";
import { stampOf } from "../../../../src/sync/remote/stamp.js";
import { bytesInUse } from "../../../support/bytesInUse.js";

const name = fc.oneof(
  fc.constantFrom("runs", "a", "b", "meta.json", "é", "🦄", "\udcff", "x".repeat(255)),
  fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .map((bytes) => decodeBytes(bytes).replace(/[/\0]|^\.+$/g, "_")),
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const time = fc
  .tuple(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.nat(999_999_999))
  .map(([seconds, nanoseconds]) => `${seconds}.${String(nanoseconds).padStart(9, "0")}`);
const inode = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const size = fc.nat(Number.MAX_SAFE_INTEGER);
const stamp: fc.Arbitrary<Stamp> = fc.record({ size, mtime: time, ctime: time, inode, mode: fc.nat(0o777) });
const nanoseconds = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const local = fc.record({
  size,
  mtime: nanoseconds.map(String),
  inode,
  // 0 is what disks without one have, and is not known.
  ctime: fc.option(nanoseconds.filter((one) => one !== 0n).map(String), { nil: undefined }),
  isShared: fc.constantFrom(true, undefined),
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const entry: fc.Arbitrary<ManifestEntry> = fc
  .record({
    path,
    kind: fc.constantFrom("file", "folder"),
    seen: maybe(stamp),
    held: maybe(stamp),
    verified: fc.constantFrom(true, false, undefined),
    partial: maybe(stamp),
    usedAt: maybe(fc.nat()),
    local: maybe(local),
    localName: maybe(name),
    alike: fc.constantFrom("held", "unsettled", "partial", "name", undefined),
  })
  .map(({ alike, ...one }): ManifestEntry => {
    const { seen } = one;
    if (alike === "held") return { ...one, held: seen };
    if (alike === "unsettled") return { ...one, held: seen && { ...seen, mtime: "" } };
    if (alike === "partial") return { ...one, partial: seen };
    return alike === "name" ? { ...one, localName: one.path.slice(one.path.lastIndexOf("/") + 1) } : one;
  });

const deed = fc.oneof(
  { weight: 3, arbitrary: fc.record({ set: entry }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ forget: fc.nat() }) },
);

describe("the table of entries", () => {
  it("knows what a map would know, whatever is set, removed and forgotten", () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const table = new EntryTable();
        const map = new Map<string, ManifestEntry>();
        const removed: number[] = [];
        for (const one of deeds) {
          if ("set" in one) {
            expect(table.pathOf(table.set(one.set))).toBe(one.set.path);
            map.set(one.set.path, one.set);
          } else if ("remove" in one) {
            const victim = [...map.keys()][one.remove % Math.max(1, map.size)] ?? "nothing";
            const number = table.remove(victim);
            expect(number !== undefined).toBe(map.delete(victim));
            if (number !== undefined) removed.push(number);
          } else removed.splice(0, one.forget % 3).forEach((number) => table.forget(number, () => false));
        }
        expect(table.size).toBe(map.size);
        for (const [known, value] of map) {
          expect(table.get(known)).toEqual(value);
          expect(table.has(known)).toBe(true);
          expect(table.localNameOf(known)).toBe(value.localName);
          const number = table.numberOf(known) ?? 0;
          expect(told(value).map((one) => table.isSeenAs(number, one))).toEqual(
            told(value).map(({ kind, stamp: as }) =>
              Boolean(value.kind === kind && value.seen && isSameStamp(value.seen, as)),
            ),
          );
          expect(found(value).map((one) => table.isLeftAs(number, one))).toEqual(
            found(value).map((one) => isLeftAs(value, one)),
          );
        }
        expect([...table.values()].map((one) => one.path).sort()).toEqual([...map.keys()].sort());
        expect([...table.keys()].sort()).toEqual([...map.keys()].sort());
        expect(table.isAnyNamed).toBe([...map.values()].some(({ localName }) => localName !== undefined));
        expect(table.isAnySeen).toBe([...map.values()].some(({ seen }) => seen));
        const held = [...map.values()].filter((one) => one.held);
        expect(new Set([...table.held()].map((number) => table.at(number)))).toEqual(new Set(held));
        expect([...table.held(table.numberOf(held[0]?.path ?? "") ?? 0)].length).toBeLessThanOrEqual(
          held.length,
        );
        const unsettled = [...map.values()].filter((one) => !isSettled(one)).map((one) => one.path);
        expect([...table.unsettled()].map((number) => table.pathOf(number)).sort()).toEqual(unsettled.sort());
      }),
    );
  });

  it("gives numbers and names out again, and keeps what is below a folder that was removed", () => {
    const table = new EntryTable();
    const set = (one: string): number => table.set({ path: one, kind: "file", seen: undefined });
    const folder = set("a");
    const file = set("a/b");
    expect([table.parentOf(file), table.depthOf(folder), table.depthOf(file)]).toEqual([folder, 0, 1]);
    table.remove("a");
    table.forget(folder, () => false);
    expect([table.get("a"), table.numberOf("a"), [...table.keys()]]).toEqual([undefined, folder, ["a/b"]]);
    table.remove("a/b");
    table.forget(file, () => false);
    expect(table.numberOf("a")).toBeUndefined();
    expect([set("c"), set("c/d")].sort()).toEqual([folder, file].sort());
    expect([...table.keys()].sort()).toEqual(["c", "c/d"]);
  });

  it("can remove a folder with its contents", () => {
    const table = new EntryTable();
    const numbers = ["a", "a/b", "a/b/c", "d"].map((one) =>
      table.set({ path: one, kind: "file", seen: undefined }),
    );
    const removed = ["a/b/c", "a/b", "a"].flatMap((one) => table.remove(one) ?? []);
    for (const number of [...removed, ...removed]) table.forget(number, () => false);
    expect([...table.keys()]).toEqual(["d"]);
    const again = ["e", "f", "g", "h"].map((one) => table.set({ path: one, kind: "file", seen: undefined }));
    expect(new Set([...again, numbers[3]]).size).toBe(5);
    expect([...table.keys()].sort()).toEqual(["d", "e", "f", "g", "h"]);
  });

  it("reports when it exceeds any plausible root", () => {
    const fill = (limits: TableLimits, pathOf: (index: number) => string): number => {
      const table = new EntryTable(limits);
      for (let index = 0; !table.isTooLarge; index += 1) {
        table.set({ path: pathOf(index), kind: "file", seen: undefined });
      }
      return table.size;
    };
    const [few, many] = [100, 1_000_000];
    expect(fill({ entries: few, nameBytes: many }, String)).toBe(few);
    // Folders count as well.
    expect(fill({ entries: few, nameBytes: many }, (index) => `${index}/a/b`)).toBe(34);
    expect(fill({ entries: many, nameBytes: 1_000 }, (index) => `${"x".repeat(90)}${index}`)).toBe(11);
  });
});

const otherTimes = ["0.000000000", "-0.000000000", "-1.500000000", "1.500000000"];
const otherInodes = ["0", "7", "9007199254740993", "18446744073709551615"];

/** What a host may tell of an entry: the same as before, and what differs from it in one thing. */
function told({ kind, seen }: ManifestEntry): readonly Pick<RemoteEntry, "kind" | "stamp">[] {
  const was = seen ?? { size: 0, mtime: "0.000000000", ctime: "0.000000000", inode: "0", mode: 0 };
  const stamps = [
    was,
    { ...was, mode: was.mode ^ 1 },
    { ...was, size: was.size + 1 },
    ...otherTimes.flatMap((one) => [
      { ...was, mtime: one },
      { ...was, ctime: one },
    ]),
    ...otherInodes.map((one) => ({ ...was, inode: one })),
  ];
  return stamps.flatMap((one) => [
    { kind, stamp: one },
    { kind: kind === "file" ? ("folder" as const) : ("file" as const), stamp: one },
  ]);
}

/** What may be found in its place. */
function found({ seen, local: left }: ManifestEntry): readonly Found[] {
  const was: LocalIdentity = left ?? { size: 0, mtime: "0", inode: "0" };
  return [
    undefined,
    "folder",
    was,
    { ...was, size: was.size + 1 },
    { ...was, size: seen?.size ?? 0 },
    ...["-1", "0", "9223372036854775807"].map((one) => ({ ...was, mtime: one })),
    ...["-1", "9223372036854775807", undefined].map((one) => ({ ...was, ctime: one })),
    ...otherInodes.map((one) => ({ ...was, inode: one })),
  ];
}

function isLeftAs({ kind, seen, held, local: left }: ManifestEntry, one: Found): boolean {
  if (one === undefined || one === "folder") return kind === "folder" && one === "folder";
  if (!seen || !held || !left || !isSameStamp(seen, held) || seen.mode !== held.mode) return false;
  // Where only one of them tells of a change time, that is to be noted.
  return isSameIdentity(left, one) && left.ctime === one.ctime && one.size >= held.size;
}

/** As `plan` has it. */
function isSettled({ kind, seen, held, verified }: ManifestEntry): boolean {
  if (!seen || !held) return false;
  if (kind === "folder") return seen.mtime === held.mtime && seen.mode === held.mode;
  return isSameStamp(seen, held) && verified !== false;
}

describe("a hundred thousand entries", () => {
  it("take twenty mebibytes at most", async () => {
    const before = await bytesInUse();
    const table = new EntryTable();
    for (let index = 0; index < 100_000; index += 1) {
      const inode = String(4_000_000 + index);
      const seen = { size: index, mtime: "1700000000.123456789", ctime: "1700000001.5", inode, mode: 0o644 };
      const known = { seen: stampOf(seen), held: stampOf(seen), verified: true };
      const left = { size: index, mtime: "1700000000123456789", inode, ctime: "1790000000123456789" };
      const path = `runs/group-${index % 20}/2026_${index % 10_000}/media/${index}.png`;
      table.set({ path, kind: "file", ...known, local: left });
    }
    const grown = ((await bytesInUse()) - before) / 2 ** 20;
    expect(table.size).toBe(100_000);
    expect(grown).toBeLessThan(20);
  });
});

describe("a stamp", () => {
  it("has one format, only with numeric times", () => {
    const told = { size: 1, mtime: "007.5", ctime: "-0.25", inode: "0042", mode: 0o100644 };
    expect(stampOf(told)).toEqual({
      size: 1,
      mtime: "7.500000000",
      ctime: "-0.250000000",
      inode: "42",
      mode: 0o644,
    });
    const far = { ...told, mtime: "9".repeat(30), inode: "9".repeat(30) };
    expect(stampOf(far)).toMatchObject({ mtime: "999999999999999.000000000", inode: "7766279631452241919" });
  });

  it("round-trips through the table", () => {
    fc.assert(
      fc.property(stamp, (seen) => {
        const table = new EntryTable();
        table.set({ path: "a", kind: "file", seen });
        expect(table.get("a")?.seen).toEqual(seen);
      }),
    );
  });
});
