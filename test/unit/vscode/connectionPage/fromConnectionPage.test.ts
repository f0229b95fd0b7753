import { describe, expect, it } from "vitest";
import { draftOf } from "../../../../src/vscode/connectionPage/draft.js";
import {
  readFromConnectionPage,
  readKeptForm,
} from "../../../../src/vscode/connectionPage/fromConnectionPage.js";

const draft = draftOf({ target: { host: "gpu" }, name: "Lab" });

describe("what the form of a connection tells the extension", () => {
  it.each([
    { kind: "ready" },
    { kind: "changed", draft },
    { kind: "save", draft },
    { kind: "test", draft },
    { kind: "cancel" },
    { kind: "browse", field: "root" },
    { kind: "forget-password" },
  ])("is read: %j", (message) => {
    expect(readFromConnectionPage(message)).toEqual(message);
  });

  it.each([
    undefined,
    "save",
    { kind: "save" },
    { kind: "save", draft: { ...draft, host: undefined } },
    { kind: "save", draft: { ...draft, name: "n".repeat(20_000) } },
    { kind: "save", draft: { ...draft, authentication: "agent" } },
    { kind: "browse", field: "host" },
    { kind: "run", command: "workbench.action.quit" },
  ])("is nothing else: %j", (message) => {
    expect(readFromConnectionPage(message)).toBeUndefined();
  });

  it("holds no field that is none of the form's: no password comes along", () => {
    const received = readFromConnectionPage({ kind: "save", draft: { ...draft, password: "secret" } });
    expect(received).toEqual({ kind: "save", draft });
  });
});

describe("what VS Code keeps of the form", () => {
  it("is the connection's id, what was kept, and what was typed", () => {
    const form = { id: "1", base: draft, draft: { ...draft, port: "many" } };
    expect(readKeptForm(form)).toEqual(form);
    expect(readKeptForm({ ...form, secret: "x" })).toEqual(form);
    for (const state of [undefined, {}, { ...form, id: "" }, { ...form, base: {} }])
      expect(readKeptForm(state)).toBeUndefined();
  });
});
