import { describe, expect, it } from "vitest";
import { drawableOf } from "../../../src/charts/drawable.js";

const drawable = (isLog: boolean, ...ys: (number | null)[]) =>
  drawableOf({ lines: [{ run: 0, xs: ys.map((_, at) => at), ys, count: ys.length, latest: null }] }, isLog);

describe("the values of a chart", () => {
  it("are drawn as they are", () => {
    expect(drawable(false, -1, 0, null, 2)).toEqual({ lines: [[-1, 0, null, 2]], notDrawn: undefined });
  });

  it("say that there is none where every one is NaN or infinite", () => {
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
