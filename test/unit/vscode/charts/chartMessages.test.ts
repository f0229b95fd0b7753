import { describe, expect, it } from "vitest";
import { readFromChartPage, readKeptRuns } from "../../../../src/vscode/charts/chartMessages.js";

describe("what the page of charts says", () => {
  const view = {
    ...{ x: "step", xMetric: "", width: 500, smoothing: 0, range: [1, 2], replaced: false },
    ...{ grouping: "", band: "range", focused: [0] },
  };

  it.each([
    { kind: "ready", view },
    { kind: "view", view: { ...view, x: "metric", xMetric: "loss" } },
    { kind: "seen", metrics: ["loss"] },
    { kind: "csv", search: "", hidden: [1], to: "file" },
    { kind: "picture", name: "loss", data: "AAAA", isFirst: true, isLast: true },
  ])("is read: %j", (message) => {
    expect(readFromChartPage(message)).toEqual(message);
  });

  it.each([
    { kind: "ready", view: { ...view, range: [1] } },
    { kind: "view", view: { ...view, x: "weather" } },
    { kind: "view", view: { ...view, focused: [-1] } },
    { kind: "seen", metrics: ["x".repeat(1_001)] },
    { kind: "csv", search: "", hidden: [], to: "/etc/passwd" },
  ])("is nothing else: %j", (message) => {
    expect(readFromChartPage(message)).toBeUndefined();
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
      { runs: Array(100_001).fill(runs[0]) },
    ])
      expect(readKeptRuns(state)).toEqual([]);
  });
});
