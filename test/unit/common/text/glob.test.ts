import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesGlob } from "../../../../src/common/text/glob.js";

it("a glob matches the same as the equivalent regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ".") });
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?") }), text, (pattern, name) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
      expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${source}$`).test(name));
    }),
  );
});

it("a glob of many stars takes no longer", () => {
  const startedAt = performance.now();
  expect(matchesGlob(`${"*a".repeat(100)}*b`, "a".repeat(10_000))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(200);
});
