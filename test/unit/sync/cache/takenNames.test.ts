import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { folded } from "../../../../src/sync/cache/nameRules.js";
import { TakenNames } from "../../../../src/sync/cache/takenNames.js";
import { EntryTable } from "../../../../src/sync/manifest/entryTable.js";

const folder = fc.constantFrom("", "a/", "b/", "b/c/");
const name = fc.oneof(
  fc.constantFrom("x", "X", "y", "é", "e\u0301", "É", "ß", "ss", "SS", "\u212a", "k"),
  fc.nat(400).map((index) => `n${index}`),
);
const deed = fc.record({
  path: fc.tuple(folder, name).map((parts) => parts.join("")),
  localName: fc.option(name, { nil: undefined }),
  isGone: fc.boolean(),
});

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

describe("the names that are taken", () => {
  it.each(["of", "now"] as const)(
    "are those that the table has, whatever was named and removed: %s",
    async (how) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(deed, { maxLength: 80 }),
          fc.array(deed, { maxLength: 20 }),
          async (before, deeds) => {
            const entries = new EntryTable();
            for (const { path, localName } of before)
              entries.set({ path, kind: "file", seen: undefined, localName });
            const taken = await TakenNames[how](entries);
            for (const { path, localName, isGone } of deeds) {
              if (isGone) {
                const number = entries.remove(path);
                if (number !== undefined) entries.forget(number, () => false);
              } else {
                const number = entries.set({ path, kind: "file", seen: undefined, localName });
                if (localName !== undefined) taken.add(number, localName);
              }
            }
            for (const { path, localName = "x" } of [...before, ...deeds]) {
              const parent = entries.numberOf(parentOf(path));
              if (parent === undefined) continue;
              const owners = [...entries.values()].filter(
                (one) =>
                  parentOf(one.path) === parentOf(path) &&
                  one.localName !== undefined &&
                  folded(one.localName) === folded(localName),
              );
              const owner = taken.ownerOf(parent, localName);
              const found = owner === undefined ? [] : [entries.pathOf(owner)];
              expect(owners.map((one) => one.path)).toEqual(
                owners.length > 0 ? expect.arrayContaining(found) : found,
              );
              expect(found.length).toBe(Math.min(1, owners.length));
            }
          },
        ),
      );
    },
  );
});

describe("a name as file systems see it", () => {
  it("is the same for plain names by the short way", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (one) => {
        expect(folded(one)).toBe(one.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD"));
      }),
    );
  });
});
