import { expect, it } from "vitest";
import { arePatternsTaken, patternsIn } from "../../../../src/sync/pass/patterns.js";

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
  expect(arePatternsTaken(Array.from({ length: 100 }, () => longest))).toBe(true);
  expect(arePatternsTaken(Array.from({ length: 101 }, () => "x"))).toBe(false);
  expect(arePatternsTaken([`${longest}x`])).toBe(false);
});

it("a part of a path holds two stars at most", () => {
  expect(arePatternsTaken(["**/*-*.pt"])).toBe(true);
  expect(arePatternsTaken(["runs/*-*-*.pt"])).toBe(false);
});
