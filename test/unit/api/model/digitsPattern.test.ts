import { describe, expect, it } from "vitest";
import { digitsPattern } from "../../../../src/api/model/digitsPattern.js";

describe("the pattern for integers", () => {
  it.each([
    [1, 8],
    [0, 9],
    [1, 600],
    [1, 10_000],
    [1, 65_535],
    [0, 65_535],
  ])("matches exactly those from %d to %d", (minimum, maximum) => {
    const pattern = new RegExp(digitsPattern(minimum, maximum));
    const wrong: string[] = [];
    for (let number = 0; number <= 70_000; number += 1) {
      const isWithin = number >= minimum && number <= maximum;
      if (pattern.test(String(number)) !== isWithin) wrong.push(String(number));
    }
    expect(wrong).toEqual([]);
    for (const text of ["", "-1", "+1", "1.5", "1e3", " 1", "x"]) expect(pattern.test(text)).toBe(false);
    expect(pattern.test("0001")).toBe(true);
  });
});
