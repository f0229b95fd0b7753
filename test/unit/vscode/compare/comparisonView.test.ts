import { describe, expect, it } from "vitest";
import { comparisonView } from "../../../../src/vscode/compare/comparisonView.js";
import { readFromComparePage, readComparedRuns } from "../../../../src/vscode/compare/fromComparePage.js";
import { readToComparePage } from "../../../../src/vscode/compare/toComparePage.js";
import { detailsOf } from "../../runs/runDetailsOf.js";

describe("a comparison in words", () => {
  it("has what differs first, and numbers beside their texts", () => {
    const view = comparisonView([
      detailsOf({ run: { alias: "a" }, parameters: { epochs: 4, lr: 0.1, name: "" } }),
      detailsOf({ run: { alias: "b" }, parameters: { epochs: 4, lr: Number.NaN } }),
    ]);
    expect(view.runs.map(({ label }) => label)).toEqual(["a", "b"]);
    expect(view.rows.map(({ name, texts, numbers }) => [name, texts, numbers])).toEqual([
      ["lr", ["0.1", "NaN"], [0.1, Number.NaN]],
      ["name", ['""', ""], [null, null]],
      ["epochs", ["4", "4"], [4, 4]],
    ]);
    const message = { kind: "comparison", view, kept: [{ syncId: "s", id: "r" }] };
    expect(readToComparePage(message)).toEqual(message);
  });

  it("has the digits of numbers that tell something, and all of them where fewer would tell nothing", () => {
    const view = comparisonView([
      detailsOf({ parameters: { lr: 0.30000000000000004, scale: 1.0000001, steps: 123_456_789 } }),
      detailsOf({ parameters: { lr: 0.2, scale: 1.0000002, steps: Infinity } }),
    ]);
    expect(view.rows.map(({ name, texts, numbers }) => [name, texts, numbers])).toEqual([
      ["lr", ["0.3", "0.2"], [0.30000000000000004, 0.2]],
      ["scale", ["1.0000001", "1.0000002"], [1.0000001, 1.0000002]],
      ["steps", ["123456789", "∞"], [123_456_789, Infinity]],
    ]);
  });

  it("tells of each row that is left out, also of a group with too many", () => {
    const parameters = Object.fromEntries(Array.from({ length: 7_000 }, (_, index) => [`p${index}`, index]));
    const view = comparisonView([detailsOf({ parameters }), detailsOf({})]);
    expect([view.rows.length, view.more]).toEqual([5_000, 2_000]);
  });

  it("says of each run what could not be read, and why", () => {
    const skipped = [{ path: "events.jsonl", reason: "damaged", lines: 2 }] as const;
    const view = comparisonView([detailsOf({ run: { alias: "a" }, skipped }), detailsOf({})]);
    expect(view.skipped).toEqual(["a: Damaged lines in events.jsonl, left out: 2"]);
  });

  it("is limited in cells", () => {
    const parameters = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`p${index}`, index]));
    const view = comparisonView(Array.from({ length: 50 }, () => detailsOf({ parameters })));
    expect([view.rows.length, view.more]).toEqual([2_000, 3_000]);
  });
});

describe("messages of a comparison", () => {
  it.each([
    { kind: "ready" },
    { kind: "code", baseline: 0, other: 1 },
    { kind: "diff", baseline: 0, other: 1, path: "a.py" },
    { kind: "open", run: 3 },
    { kind: "charts", message: { kind: "seen", metrics: ["loss"] } },
  ])("from the page are read: %j", (message) => {
    expect(readFromComparePage(message)).toEqual(message);
  });

  it.each([{}, { kind: "code", baseline: -1, other: 1 }, { kind: "open", run: 1.5 }, { kind: "charts" }])(
    "from the page are nothing else: %j",
    (message) => {
      expect(readFromComparePage(message)).toBeUndefined();
    },
  );

  it.each([
    { kind: "code", baseline: 0, other: 1, note: "", files: [{ path: "a", name: "a", change: "moved" }] },
    { kind: "comparison", view: { runs: [], rows: [{}], more: 0, skipped: [] }, kept: [] },
    { kind: "notice", text: "" },
  ])("to the page are nothing else: %j", (message) => {
    expect(readToComparePage(message)).toBeUndefined();
  });

  it("name at least two runs and at most fifty where a tab is restored", () => {
    const runs = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ syncId: "s", id: `${index}` }));
    expect([1, 2, 50, 51].map((count) => readComparedRuns({ runs: runs(count) }).length)).toEqual([
      0, 2, 50, 0,
    ]);
  });
});
