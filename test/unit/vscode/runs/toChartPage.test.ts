import { describe, expect, it } from "vitest";
import { readToChartPage } from "../../../../src/vscode/runs/toChartPage.js";

const chart = { metric: "loss", lines: [{ run: 0, xs: [1, 2], ys: [3, null], count: 2, latest: null }] };

describe("what the extension tells the page of charts", () => {
  it.each([
    {
      kind: "setup",
      texts: { title: "t" },
      runs: [{ label: "l", detail: "d" }],
      kept: [{ syncId: "s", id: "r" }],
      language: "en",
    },
    { kind: "charts", charts: [chart] },
    { kind: "chart", chart },
    { kind: "notice", text: "" },
  ])("is read: %j", (message) => {
    expect(readToChartPage(message)).toEqual(message);
  });

  it.each([
    undefined,
    null,
    7,
    {},
    { kind: "other" },
    { kind: "setup", texts: { title: 7 }, runs: [] },
    { kind: "setup", texts: {}, runs: [null] },
    { kind: "charts", charts: {} },
    { kind: "charts", charts: [chart, { metric: "loss", lines: [{ run: "0", xs: [], ys: [] }] }] },
    { kind: "chart", chart: { ...chart, metric: undefined } },
    { kind: "notice", text: {} },
  ])("is nothing else: %j", (message) => {
    expect(readToChartPage(message)).toBeUndefined();
  });
});
