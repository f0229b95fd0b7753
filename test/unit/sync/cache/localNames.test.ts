import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLocalNames, type LocalNames } from "../../../../src/sync/cache/localNames.js";
import { EntryTable } from "../../../../src/sync/manifest/entryTable.js";
import type { Manifest } from "../../../../src/sync/manifest/manifest.js";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import { rulesOf } from "../../../../src/sync/cache/nameRules.js";
import { bytesInUse } from "../../../support/bytesInUse.js";

const part = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    ...["A", "a", "é", "e\u0301", "ß", "SS", "CON", "nul.txt", "x.", "x ", "%41", "\udcff", "f".repeat(255)],
    ...["com¹", "LPT³.log", "nul .txt", "con  "],
  ),
);
const path = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((one) => one.replaceAll("/", "_").replaceAll("\0", "_")).join("/"))
  .filter((one) => one.split("/").every((name) => name !== "." && name !== ".."));

/** How macOS and Windows compare names. */
const folded = (name: string): string => name.normalize("NFD").toLowerCase();

/** What of a manifest names need. */
function manifestOf(known: readonly ManifestEntry[] = []): Manifest {
  const entries = new EntryTable();
  known.forEach((entry) => entries.set(entry));
  return {
    entries,
    version: 0,
    reads: 1,
    get: (one) => entries.get(one),
    set: (entry) => entries.set(entry),
    remove: (one) => void entries.remove(one),
    flush: () => Promise.resolve(),
    refresh: () => Promise.resolve(false),
  };
}

function decided(names: LocalNames, one: string): string {
  names.decide(one);
  return names.of(one);
}

describe("local names", () => {
  it("are the host's own where names are bytes", () => {
    const names = createLocalNames(rulesOf("linux"), manifestOf());
    fc.assert(fc.property(path, (one) => decided(names, one) === one));
  });

  it.each(["win32", "darwin"] as const)("never clash on %s, and never lead out", (platform) => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 2, maxLength: 30 }), (paths) => {
        const manifest = manifestOf();
        const names = createLocalNames(rulesOf(platform), manifest);
        const locals = paths.map((one) => decided(names, one));
        expect(new Set(locals.map(folded)).size).toBe(paths.length);
        for (const local of locals) {
          expect(local).not.toMatch(/(^|\/)\.{0,2}(\/|$)/);
          if (platform === "win32") {
            expect(local).not.toMatch(/[<>:"|?*\\\0-\x1f]|[. ](\/|$)/);
            expect(local).not.toMatch(/(^|\/)(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]) *(\.[^/]*)?(\/|$)/i);
          }
          expect(local.split("/").every((name) => name.length <= 255)).toBe(true);
        }
        expect(paths.map((one) => names.of(one))).toEqual(locals);
        const later = createLocalNames(
          rulesOf(platform),
          manifestOf([...manifest.entries.values()].reverse()),
        );
        expect(paths.map((one) => later.of(one))).toEqual(locals);
      }),
    );
  });

  it("leave an ordinary name as it is, and tell two apart that differ by case alone", () => {
    const names = createLocalNames(rulesOf("win32"), manifestOf());
    expect(decided(names, "runs/Vision/README.md")).toBe("runs/Vision/README.md");
    expect(decided(names, "runs/vision/readme.md")).toMatch(/^runs\/vision~[0-9a-f]{12}\/readme\.md$/);
    expect(decided(names, "con")).toBe("%63on");
    expect(decided(names, "com¹")).toBe("%63om¹");
    expect(decided(names, "nul .txt")).toBe("%6eul .txt");
    expect(decided(names, "a:b.")).toBe("a%3ab%2e");
  });

  it("are reused when their file is gone", () => {
    const manifest = manifestOf();
    const names = createLocalNames(rulesOf("darwin"), manifest);
    decided(names, "X");
    expect(names.of("x")).toMatch(/^x~/);
    manifest.remove("X");
    expect(decided(names, "x")).toBe("x");
  });
});

describe("the local names of twenty thousand files", () => {
  it("take two mebibytes at most, where each differs from the host's", async () => {
    const path = (index: number): string => `runs/${index % 20}/2026_${index % 2_000}/12:00:00 ${index}.png`;
    const files = Array.from({ length: 20_000 }, (_, index) => index);
    const manifest = manifestOf();
    for (const index of files) manifest.set({ path: path(index), kind: "file", seen: undefined });
    const before = await bytesInUse();
    const names = createLocalNames(rulesOf("win32"), manifest);
    for (const index of files) names.decide(path(index));
    const grown = ((await bytesInUse()) - before) / 2 ** 20;
    expect(names.of(path(7))).toContain("12%3a00%3a00 7.png");
    expect(grown).toBeLessThan(2);
  });
});
