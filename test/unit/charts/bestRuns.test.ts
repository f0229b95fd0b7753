import { describe, expect, it } from "vitest";
import { bestRuns } from "../../../src/charts/bestRuns.js";

const run = (
  value: number | undefined,
  mode: "min" | "max" | undefined,
  name = "val_loss",
  createdAt = 0,
) => ({
  bestMetric: value === undefined ? undefined : { name, value, mode },
  createdAt,
});

describe("the runs that stand out", () => {
  it("have the lowest values where the runs say that low is good", () => {
    const runs = [run(3, "min"), run(1, "min"), run(undefined, undefined), run(2, "min")];
    expect(bestRuns(runs, 2)).toEqual({ by: { metric: "val_loss", mode: "min" }, runs: [1, 3] });
  });

  it("have the highest where they say that", () => {
    expect(bestRuns([run(3, "max"), run(9, "max")], 5).runs).toEqual([1, 0]);
  });

  it("are the newest where nothing is said, or the runs do not agree", () => {
    const silent = [run(3, undefined, "x", 1), run(1, undefined, "x", 3), run(2, undefined, "x", 2)];
    expect(bestRuns(silent, 2)).toEqual({ by: undefined, runs: [1, 2] });
    expect(bestRuns([run(3, "min"), run(1, "max")], 2).by).toBeUndefined();
  });

  it("go by the metric that most runs name", () => {
    const runs = [run(1, "min", "loss"), run(5, "max", "acc"), run(6, "max", "acc")];
    expect(bestRuns(runs, 9)).toEqual({ by: { metric: "acc", mode: "max" }, runs: [2, 1] });
  });
});
