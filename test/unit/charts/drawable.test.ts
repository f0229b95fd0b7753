import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axisRange, drawableOf, timeRange } from "../../../src/charts/drawable.js";

const drawable = (isLog: boolean, ...ys: (number | null)[]) =>
  drawableOf(
    {
      lines: [
        {
          ...{ run: 0, xs: ys.map((_, at) => at), ys, count: ys.length, latest: null },
          ...{ marks: [], notFinite: 0, replacedCount: 0 },
        },
      ],
    },
    isLog,
  );

describe("the values of a chart", () => {
  it("are drawn as they are", () => {
    expect(drawable(false, -1, 0, null, 2)).toEqual({ lines: [[-1, 0, null, 2]], notDrawn: undefined });
  });

  it("are reported missing if all are NaN or infinite", () => {
    expect(drawable(false, null, null).notDrawn).toBe("no-numbers");
    expect(drawable(false).notDrawn).toBeUndefined();
  });

  it.each([1e308, -1e308, Number.MAX_VALUE])("leave out %d, and say so", (y) => {
    expect(drawable(false, 1, y, 2)).toEqual({ lines: [[1, null, 2]], notDrawn: "too-large" });
  });

  it("are above 0 on a log scale, which says so where none is", () => {
    expect(drawable(true, 1, 0, -1)).toEqual({ lines: [[1, null, null]], notDrawn: undefined });
    expect(drawable(true, 0, -1).notDrawn).toBe("not-positive");
  });
});

describe("the ends of an axis", () => {
  it("stay as requested if they are distinct", () => {
    expect(axisRange([0, 1_000])).toEqual([0, 1_000]);
    expect(axisRange([3, 3])).toEqual([2.5, 3.5]);
    expect(axisRange([Number.NaN, 1])).toEqual([0, 1]);
  });

  it.each([
    [500, 500.0000000000001],
    [5, 5 + 2 ** -50],
    [9e16, 9e16 + 16],
    [1e300, 1e300],
    [0, 5e-324],
    [-Infinity, Infinity],
  ])("leave room for marks between %d and %d", (from, to) => {
    expectRoom(from, to);
  });

  it("leave room for marks, wherever they are", () => {
    fc.assert(fc.property(fc.double(), fc.double(), expectRoom));
  });

  it("are dates where they are times", () => {
    expect(timeRange([1.7e9, 1.8e9])).toEqual([1.7e9, 1.8e9]);
    fc.assert(
      fc.property(fc.double(), fc.double(), (from, to) => {
        for (const end of timeRange([from, to]))
          expect(Number.isNaN(new Date(end * 1_000 - 400 * 86_400_000).getTime())).toBe(false);
      }),
    );
    for (const end of timeRange([1.7e18, 1.8e18])) expect(Math.abs(end)).toBeLessThan(8.1e12);
  });

  function expectRoom(one: number, other: number): void {
    const [from, to] = axisRange([Math.min(one, other), Math.max(one, other)]);
    const step = (to - from) / 1_000;
    expect([from, to, step].every(Number.isFinite)).toBe(true);
    expect(from + step > from && to + step > to && to - step < to).toBe(true);
  }
});
