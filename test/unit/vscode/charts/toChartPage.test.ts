import { describe, expect, it } from "vitest";
import { readToChartPage } from "../../../../src/vscode/charts/toChartPage.js";

const points = { xs: [1, 2], ys: [3, null] };
const line = { run: 0, ...points, count: 2, latest: null, marks: [], notFinite: 0, replacedCount: 0 };
const chart = { metric: "loss", lines: [line], isFirst: true, isLast: true };
const of = (more: object) => ({ kind: "charts", charts: [{ ...chart, lines: [{ ...line, ...more }] }] });

describe("what the extension tells the page of charts", () => {
  it.each([
    { kind: "setup", texts: { title: "t" }, language: "en" },
    { kind: "groupings", groupings: [{ id: "run.status", label: "Status" }], isWhole: true },
    {
      ...{ kind: "runs", isFirst: true, isLast: true },
      runs: [{ label: "l", detail: "d" }],
      kept: [{ syncId: "s", id: "r" }],
    },
    { kind: "best", by: { metric: "loss", mode: "min" }, runs: [1] },
    { kind: "best", by: undefined, runs: [] },
    { kind: "names", names: [{ metric: "loss", runs: 2 }], isFirst: true, isLast: true },
    { kind: "groups", groups: [{ label: "a", runs: [0, 1] }] },
    { kind: "charts", charts: [chart] },
    of({
      raw: points,
      replaced: [points],
      marks: [{ x: 1, step: 1, kind: "NaN" }],
      band: { low: [1], high: [2] },
    }),
    { kind: "notice", text: "" },
    { kind: "do", action: "save-png" },
  ])("is read: %j", (message) => {
    expect(readToChartPage(message)).toEqual(message);
  });

  it.each([
    undefined,
    null,
    7,
    {},
    { kind: "other" },
    { kind: "setup", texts: { title: 7 } },
    { kind: "groupings", groupings: [null] },
    { kind: "runs", runs: [null], kept: [] },
    { kind: "best", by: { metric: "loss", mode: "good" }, runs: [] },
    { kind: "names", names: ["loss"] },
    { kind: "groups", groups: [{ label: "a", runs: ["0"] }] },
    { kind: "charts", charts: {} },
    { kind: "charts", charts: [{ ...chart, metric: undefined }] },
    of({ run: "0" }),
    of({ marks: undefined }),
    of({ raw: {} }),
    of({ replaced: [7] }),
    of({ band: { low: 1 } }),
    { kind: "do", action: "delete" },
    { kind: "notice", text: {} },
  ])("is nothing else: %j", (message) => {
    expect(readToChartPage(message)).toBeUndefined();
  });
});
