import { describe, expect, it } from "vitest";
import { smooth } from "../../../src/charts/smooth.js";

/** The same from its definition: each value before counts by its distance. */
function reference(xs: readonly number[], ys: readonly number[], weight: number): number[] {
  const usual = (xs.at(-1)! - xs[0]!) / (xs.length - 1);
  return ys.map((y, at) => {
    if (!Number.isFinite(y)) return y;
    const before = ys.map((value, index) => ({ value, index })).slice(0, at + 1);
    const counted = before.filter(({ value }) => Number.isFinite(value));
    const weights = counted.map(({ index }) => weight ** ((xs[at]! - xs[index]!) / usual));
    const total = weights.reduce((sum, one) => sum + one, 0);
    return counted.reduce((sum, { value }, place) => sum + (value * weights[place]!) / total, 0);
  });
}

describe("the exponential average", () => {
  it("weighs by the distance of steps that lie apart unevenly", () => {
    const xs = [0, 1, 2, 10, 11, 50, 50.5, 51, 1_000];
    const ys = [1, 5, Number.NaN, 2, 8, -3, Infinity, 4, 0];
    const found = [...smooth(xs, Float64Array.from(ys), 0.8)];
    reference(xs, ys, 0.8).forEach((value, index) => {
      if (Number.isFinite(value)) expect(found[index]).toBeCloseTo(value, 12);
      else expect(found[index]).toBe(value);
    });
  });

  it("is the usual one, corrected for its start, over even steps", () => {
    const ys = [3, 1, 4, 1, 5, 9, 2, 6];
    let [sum, total] = [0, 0];
    const usual = ys.map((y) => {
      [sum, total] = [sum * 0.6 + y * 0.4, total * 0.6 + 0.4];
      return sum / total;
    });
    const found = smooth(
      ys.map((_, index) => index * 7),
      Float64Array.from(ys),
      0.6,
    );
    usual.forEach((value, index) => expect(found[index]).toBeCloseTo(value, 12));
  });

  it("is the mean for values at the same step, and the value for a single one", () => {
    expect([...smooth([5], Float64Array.of(2), 0.9)]).toEqual([2]);
    expect([...smooth([1, 1, 1], Float64Array.of(3, 3, 3), 0.9)].map((y) => y.toFixed(9))).toEqual(
      Array(3).fill("3.000000000"),
    );
  });
});
