import { describe, expect, it } from "vitest";
import { readFromPage, readPageState, readToPage } from "../../../../src/vscode/viewers/page.js";

const notice = {
  title: "t",
  message: "m",
  advice: "a",
  output: "",
  buttons: [{ id: "retry", label: "Again" }],
};
const show = (page: unknown, sessionId: unknown = "abc"): unknown => ({
  kind: "show",
  page,
  state: { sessionId },
});
const header = { text: "train · /runs", change: "Change…" };
const step = { state: "now", label: "Connect", detail: "" };

describe("what the extension tells the page", () => {
  it.each([
    { kind: "reload" },
    show({ kind: "viewer", url: "http://1234.localhost:1234/", title: "t", header }),
    show({ kind: "viewer", url: "http://1234.localhost:1234/", title: "t", header, note: "n" }),
    show({ kind: "waiting", message: "m", title: "t" }),
    show({ kind: "starting", steps: [step], ...notice }),
    show({ kind: "starting", steps: [step], header, ...notice }),
    show({ kind: "reconnecting", busy: true, ...notice }),
    show({ kind: "ended", ...notice }),
  ])("is read: %j", (message) => {
    expect(readToPage(message)).toEqual(message);
  });

  it.each([
    undefined,
    null,
    "reload",
    [],
    {},
    { kind: "other" },
    { kind: "show" },
    show({ kind: "waiting", message: "m", title: "t" }, 7),
    show({ kind: "waiting", message: {}, title: "t" }),
    show({ kind: "starting", steps: [{ ...step, state: "other" }], ...notice }),
    show({ kind: "starting", ...notice }),
    show({ kind: "starting", steps: [step], header: "train", ...notice }),
    show({ kind: "viewer", url: "javascript:alert(1)", title: "t", header }),
    show({ kind: "viewer", url: "vscode://x", title: "t", header }),
    show({ kind: "viewer", title: "t", header }),
    show({ kind: "viewer", url: "http://1234.localhost:1234/", title: "t" }),
    show({ kind: "viewer", url: "http://1234.localhost:1234/", title: "t", header: { ...header, text: 7 } }),
    show({ kind: "viewer", url: "http://1234.localhost:1234/", title: "t", header, note: 7 }),
    show({ kind: "ended", ...notice, buttons: [{ id: "other", label: "x" }] }),
    show({ kind: "ended", ...notice, buttons: "retry" }),
    show({ kind: "ended", ...notice, advice: undefined }),
    show({ kind: "reconnecting", ...notice }),
  ])("is nothing else: %j", (message) => {
    expect(readToPage(message)).toBeUndefined();
  });
});

describe("what VS Code keeps of a panel", () => {
  it("says that a viewer was being opened in it", () => {
    const state = { sessionId: "", place: { target: { host: "gpu" } }, isOpening: true };
    expect(readPageState(state)).toEqual(state);
    expect(readPageState({ ...state, isOpening: 1 })).toEqual({ sessionId: "", place: state.place });
  });
});

describe("what the page tells the extension", () => {
  it("is that it is ready, or a button of ours", () => {
    expect(readFromPage({ kind: "ready", more: 1 })).toEqual({ kind: "ready" });
    expect(readFromPage({ kind: "pressed", button: "connect" })).toEqual({
      kind: "pressed",
      button: "connect",
    });
    for (const other of [null, 1, {}, { kind: "pressed" }, { kind: "pressed", button: "toString" }]) {
      expect(readFromPage(other)).toBeUndefined();
    }
  });
});
