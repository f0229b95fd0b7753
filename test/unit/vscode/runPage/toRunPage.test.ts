import { describe, expect, it } from "vitest";
import { readToRunPage } from "../../../../src/vscode/runPage/toRunPage.js";

describe("what the extension tells the page of a run", () => {
  it.each([
    { kind: "setup", texts: { a: "b" }, shown: { syncId: "s", id: "r" } },
    { kind: "notice", text: "", retry: true },
    { kind: "charts", message: { kind: "notice", text: "" } },
    { kind: "log", lines: ["a"], note: "" },
    { kind: "images", series: [{ name: "n", images: [{ step: 1, caption: "", path: "p" }] }], note: "" },
    { kind: "image", path: "p", source: "data:image/png;base64,AAAA", problem: "" },
    { kind: "image", path: "p", source: "", problem: "gone" },
    { kind: "image-progress", path: "p", percent: 5 },
    { kind: "said", text: "Copied." },
  ])("is read: %j", (message) => {
    expect(readToRunPage(message)).toEqual(message);
  });

  it.each([
    undefined,
    7,
    {},
    { kind: "other" },
    { kind: "setup", texts: { a: 7 }, shown: { syncId: "s", id: "r" } },
    { kind: "run", view: {} },
    { kind: "charts", message: { kind: "other" } },
    { kind: "log", lines: [7], note: "" },
    { kind: "images", series: [{ name: "n", images: [null] }], note: "" },
    { kind: "image", path: "p", source: "https://example.com/a.png", problem: "" },
    { kind: "image", path: "p", source: "data:image/svg+xml;base64,AAAA", problem: "" },
  ])("is nothing else: %j", (message) => {
    expect(readToRunPage(message)).toBeUndefined();
  });
});
