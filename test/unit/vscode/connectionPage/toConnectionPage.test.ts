import { describe, expect, it } from "vitest";
import { draftOf } from "../../../../src/vscode/connectionPage/draft.js";
import { readToConnectionPage } from "../../../../src/vscode/connectionPage/toConnectionPage.js";

const draft = draftOf({ target: { host: "gpu" } });
const form = { id: "1", base: draft, draft };
const facts = { problems: { host: "host-taken" }, keyRemark: "", hasPassword: true, mayBrowse: false };
const step = { state: "now", label: "Login", detail: "" };
const test = { isRunning: true, headline: "h", advice: "", output: "", steps: [step] };

describe("what the extension tells the form of a connection", () => {
  it.each([
    { kind: "setup", texts: {}, form },
    { kind: "form", form, from: draft, said: "Saved." },
    { kind: "facts", facts },
    { kind: "test", test },
  ])("is read: %j", (message) => {
    expect(readToConnectionPage(message)).toEqual(message);
  });

  it.each([
    undefined,
    null,
    7,
    {},
    { kind: "other" },
    { kind: "setup", form },
    { kind: "setup", texts: {}, form: { ...form, id: 7 } },
    { kind: "form", form: { ...form, draft: { ...draft, host: 7 } }, from: draft, said: "" },
    { kind: "form", form: { ...form, draft: { ...draft, authentication: "none" } }, from: draft, said: "" },
    { kind: "form", form, from: draft },
    { kind: "form", form, said: "" },
    { kind: "facts", facts: { ...facts, problems: { host: "<b>" } } },
    { kind: "facts", facts: { ...facts, mayBrowse: 1 } },
    { kind: "test", test: { ...test, steps: [{ ...step, state: "other" }] } },
    { kind: "test", test: { ...test, output: undefined } },
  ])("is nothing else: %j", (message) => {
    expect(readToConnectionPage(message)).toBeUndefined();
  });
});
