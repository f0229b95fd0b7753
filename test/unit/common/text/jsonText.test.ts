import fc from "fast-check";
import { expect, it } from "vitest";
import { endOfJsonString, isNestedDeeperThan } from "../../../../src/common/text/jsonText.js";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

it("the end of a string is found whatever it holds", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, behind) => {
      const written = JSON.stringify(text);
      expect(endOfJsonString(written + behind, 0)).toBe(written.length);
    }),
  );
  for (const open of ['"', '"\\', '"a\\"'])
    expect(endOfJsonString(open, 0)).toBeGreaterThanOrEqual(open.length);
});

it("levels are counted as JSON.parse finds them, brackets in strings left out", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(7), (value, levels) => {
      expect(isNestedDeeperThan(levels, JSON.stringify(value))).toBe(depthOf(value) > levels);
    }),
  );
});
