import { describe, expect, it } from "vitest";
import { percentFrom } from "../../../../src/runs/compare/percentFrom.js";

describe("values beside a baseline", () => {
  it.each([
    [2, 3, 50],
    [-2, -3, -50],
    [4, 4, undefined],
    [0, 0, undefined],
    [0, -0, undefined],
    [0, 1, undefined],
    [1, Number.NaN, undefined],
    ["1", 2, undefined],
    [undefined, 2, undefined],
  ])("of %s and %s are apart by %s per cent", (baseline, value, percent) => {
    expect(percentFrom(baseline, value)).toBe(percent);
  });
});
