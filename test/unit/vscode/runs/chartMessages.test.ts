import { describe, expect, it } from "vitest";
import { readFromChartPage, readKeptRuns } from "../../../../src/vscode/runs/chartMessages.js";

describe("what the page of charts says", () => {
  const view = { x: "step", width: 500, smoothing: 0 };

  it("is read with the parts of charts that are looked at", () => {
    const message = { kind: "ready", view, ranges: [["loss", [1, 2]]] };
    expect(readFromChartPage(message)).toEqual(message);
    expect(readFromChartPage({ ...message, ranges: [["loss", [1]]] })).toBeUndefined();
  });
});

describe("the runs of a panel that VS Code restores", () => {
  it("are read, and none of what is no such state", () => {
    const runs = [{ syncId: "s", id: "r" }];
    expect(readKeptRuns({ runs, controls: {} })).toEqual(runs);
    for (const state of [
      undefined,
      1,
      {},
      { runs: [] },
      { runs: [{ id: 1 }] },
      { runs: Array(101).fill(runs[0]) },
    ])
      expect(readKeptRuns(state)).toEqual([]);
  });
});
