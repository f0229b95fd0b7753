import { describe, expect, it } from "vitest";
import { readFromRunPage, readShownRun } from "../../../../src/vscode/runPage/fromRunPage.js";

describe("what the page of a run says", () => {
  it.each([
    { kind: "ready" },
    { kind: "retry" },
    { kind: "action", action: "copy-link" },
    { kind: "file", path: "logs.txt", action: "download" },
    { kind: "copy", section: "parameters", row: 3 },
    { kind: "tab", tab: "images" },
    { kind: "image", path: "media/a.png" },
    { kind: "charts", message: { kind: "seen", metrics: ["loss"] } },
  ])("is read: %j", (message) => {
    expect(readFromRunPage(message)).toEqual(message);
  });

  it.each([
    undefined,
    null,
    {},
    { kind: "action", action: "delete" },
    { kind: "file", path: 7, action: "open" },
    { kind: "file", path: "x".repeat(100_000), action: "open" },
    { kind: "copy", section: "parameters", row: -1 },
    { kind: "charts", message: { kind: "other" } },
    { kind: "charts" },
  ])("is nothing else: %j", (message) => {
    expect(readFromRunPage(message)).toBeUndefined();
  });

  it("is restored where what was kept names a run", () => {
    expect(readShownRun({ shown: { syncId: "s", id: "r" }, tab: "log" })).toEqual({ syncId: "s", id: "r" });
    for (const state of [undefined, {}, { shown: {} }, { shown: { syncId: 7, id: "r" } }])
      expect(readShownRun(state)).toBeUndefined();
  });
});
