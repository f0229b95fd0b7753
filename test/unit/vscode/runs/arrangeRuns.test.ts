import { describe, expect, it } from "vitest";
import type { BestMetric, Run } from "../../../../src/sync/runIndex/runs.js";
import { arrangeRuns, readArrangement } from "../../../../src/vscode/runs/arrangeRuns.js";

function run(id: string, bestMetric: BestMetric | undefined, createdAt = 0): Run {
  return {
    syncId: "sync",
    id,
    folder: `runs/a/${id}`,
    path: "a",
    project: "a",
    name: "",
    alias: undefined,
    tags: [],
    status: "finished",
    sign: undefined,
    damaged: [],
    hostname: undefined,
    createdAt,
    startedAt: undefined,
    endedAt: undefined,
    pid: undefined,
    bestMetric,
    isDeleted: false,
    isGone: false,
    summary: "{}",
    isShortened: false,
    assetsCount: 0,
    artifactsCreatedCount: 0,
    artifactsUsedCount: 0,
  };
}

const byBest = (...runs: Run[]): string[] =>
  arrangeRuns(runs, { filter: "", order: "best" }).map(({ id }) => id);

describe("runs by their best metric", () => {
  it("begin with the lowest loss where low is good", () => {
    const loss = (value: number): BestMetric => ({ name: "loss", value, mode: "min" });
    expect(byBest(run("b", loss(0.5)), run("c", loss(2)), run("a", loss(0.1)))).toEqual(["a", "b", "c"]);
  });

  it("begin with the highest value where high is good, or where no run says what is", () => {
    for (const mode of ["max", undefined] as const) {
      const accuracy = (value: number): BestMetric => ({ name: "accuracy", value, mode });
      expect(byBest(run("b", accuracy(0.5)), run("a", accuracy(0.9)))).toEqual(["a", "b"]);
    }
  });

  it("compare values of the same metric only, and end with runs that have none", () => {
    const runs = [
      run("none", undefined),
      run("loss 2", { name: "loss", value: 2, mode: "min" }),
      run("accuracy 0.1", { name: "accuracy", value: 0.1, mode: "max" }),
      run("loss 1", { name: "loss", value: 1, mode: "min" }),
    ];
    expect(byBest(...runs)).toEqual(["accuracy 0.1", "loss 1", "loss 2", "none"]);
  });
});

describe("how runs were arranged", () => {
  it.each([
    ["is there again", { filter: "cosine", order: "best" }, { filter: "cosine", order: "best" }],
    ["is all, the newest first, where nothing was kept", undefined, { filter: "", order: "newest" }],
    [
      "is as usual where it is not understood",
      { filter: 1, order: "toString" },
      { filter: "", order: "newest" },
    ],
  ])("%s", (_, kept, arrangement) => {
    expect(readArrangement(kept)).toEqual(arrangement);
  });
});
