import { describe, expect, it } from "vitest";
import { fileOf } from "../../../../src/vscode/runKit/fileOf.js";

const syncId = "0123456789abcdef01234567";

describe("the file that a command was chosen on", () => {
  it("is an item's or a page's", () => {
    const file = { syncId, path: "runs/a/logs.txt" };
    expect(fileOf({ item: {}, data: { kind: "runFile", ...file } })).toEqual(file);
    expect(fileOf({ webview: "runicorn.run", webviewSection: "runFile", ...file })).toEqual(file);
  });

  it.each([
    undefined,
    "text",
    {},
    { data: { kind: "run", syncId, path: "a" } },
    { syncId: "../..", path: "a" },
    { syncId, path: "" },
    { syncId, path: 7 },
  ])("is no other: %j", (argument) => {
    expect(fileOf(argument)).toBeUndefined();
  });
});
