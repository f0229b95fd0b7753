import { describe, expect, it } from "vitest";
import { bandOf } from "../../../src/charts/bands.js";

const line = (...points: (readonly [number, number])[]) => ({
  xs: Float64Array.from(points, ([x]) => x),
  ys: Float64Array.from(points, ([, y]) => y),
});

describe("the band of a group", () => {
  it("is the mean, and all there is, at every step of any run", () => {
    const band = bandOf([line([0, 1], [2, 3]), line([0, 3], [1, 5], [2, 7])], "range", 100, undefined);
    expect(band).toEqual({ xs: [0, 1, 2], ys: [2, 3.5, 5], low: [1, 2, 3], high: [3, 5, 7] });
  });

  it("is the standard deviation of all runs where that is wanted", () => {
    const { ys, low, high } = bandOf(
      [2, 4, 4, 4, 5, 5, 7, 9].map((y) => line([0, y])),
      "deviation",
      9,
      undefined,
    );
    expect({ ys, low, high }).toEqual({ ys: [5], low: [3], high: [7] });
  });

  it("counts a run neither before it begins nor after it ends nor beside what is no number", () => {
    const band = bandOf(
      [line([0, 1], [4, 1]), line([1, 3], [2, Number.NaN], [3, 3])],
      "range",
      100,
      undefined,
    );
    expect(band.xs).toEqual([0, 1, 2, 3, 4]);
    expect(band.ys).toEqual([1, 2, 1, 2, 1]);
  });

  it("uses evenly spaced points when there are too many in the visible range", () => {
    const many = line(...Array.from({ length: 1_000 }, (_, x) => [x, x] as const));
    const { xs, ys } = bandOf([many], "range", 11, [100, 200]);
    expect(xs).toEqual([100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200]);
    expect(ys).toEqual(xs);
    expect(bandOf([many], "range", 11, [5_000, 6_000]).xs).toEqual([]);
    expect(bandOf([], "range", 11, undefined).xs).toEqual([]);
  });
});
