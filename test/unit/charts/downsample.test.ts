import { describe, expect, it } from "vitest";
import { downsample } from "../../../src/charts/downsample.js";

describe("a downsampled line", () => {
  const xs = Float64Array.from({ length: 100_000 }, (_, x) => x);

  it("keeps every peak, and a gap for values that are no number", () => {
    const ys = xs.map((x) => Math.sin(x / 1_000));
    [ys[12_345], ys[77_777], ys[50_000]] = [99, -99, Number.NaN];
    const thin = downsample(xs, ys, 100);
    expect(thin.xs.length).toBeLessThanOrEqual(500);
    for (const [x, y] of [
      [12_345, 99],
      [77_777, -99],
      [50_000, null],
      [0, 0],
    ] as const)
      expect(thin.ys[thin.xs.indexOf(x)]).toBe(y);
    expect(thin.xs.at(-1)).toBe(99_999);
    expect([...thin.xs].sort((a, b) => a - b)).toEqual(thin.xs);
  });
});
