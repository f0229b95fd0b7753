import { describe, expect, it } from "vitest";
import { createValueText, durationText, numberText, shortText } from "../../../../src/runs/view/valueText.js";

describe("a value in a cell", () => {
  const text = createValueText("en");

  it("is short and keeps whole numbers", () => {
    expect([12_345_678, 0.123456789, 1e-5, -3.00004, 1e21, Number.NaN, -Infinity].map(numberText)).toEqual([
      "12345678",
      "0.12346",
      "0.00001",
      "-3",
      "1e+21",
      "NaN",
      "-∞",
    ]);
  });

  it("is a duration, a size or a date where its column says so", () => {
    expect([0.42, 12, 243, 3_900, 186_000, -5].map(durationText)).toEqual([
      "0.42s",
      "12s",
      "4m 03s",
      "1h 05m",
      "2d 3h",
      "-5s",
    ]);
    expect(text(2_048, "bytes")).toBe("2 KiB");
    expect(text(1e300, "time")).toBe("1e+300");
    expect(text(Number.NaN, "time")).toBe("NaN");
    expect(text(0, "time")).toMatch(/70|69/);
    expect(text(undefined, "number")).toBe("");
    expect(createValueText("no such language")(true, "text")).toBe("true");
  });

  it("is text that is fit for a screen, and cut", () => {
    expect(shortText("a\u202eb\u0007")).toBe("a\\u{202e}b\\x07");
    expect(shortText("x".repeat(1e6))).toHaveLength(121);
  });
});
