import { expect, it } from "vitest";
import { arePatternsShort, patternsIn } from "../../../../src/sync/pass/patterns.js";

it.each<[text: string, patterns: readonly string[]]>([
  ["", []],
  [" , ,", []],
  ["*.pt", ["*.pt"]],
  ["*.pt, checkpoints/ ,/runs/my experiments", ["*.pt", "checkpoints/", "/runs/my experiments"]],
])("%j holds the patterns %j", (text, patterns) => {
  expect(patternsIn(text)).toEqual(patterns);
});

it("a hundred patterns of 200 characters are taken, and no more", () => {
  const longest = "x".repeat(200);
  expect(arePatternsShort(Array.from({ length: 100 }, () => longest))).toBe(true);
  expect(arePatternsShort(Array.from({ length: 101 }, () => "x"))).toBe(false);
  expect(arePatternsShort([`${longest}x`])).toBe(false);
});
