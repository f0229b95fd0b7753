import { describe, expect, it } from "vitest";
import { savedIdOf } from "../../../../src/savedConnectionId.js";
import type { SavedConnection } from "../../../../src/savedConnections.js";
import { applyDraft } from "../../../../src/vscode/connectionPage/applyDraft.js";
import { draftOf } from "../../../../src/vscode/connectionPage/draft.js";

const target = { host: "gpu", user: "ada" };
const saved: SavedConnection = {
  id: savedIdOf(target),
  name: "ada@gpu",
  target,
  identityFile: "~/.ssh/lab",
  authentication: "key",
  lines: "module load gcc",
  environmentLines: { "/p": "export TOKEN=secret" },
  python: "/p",
  root: "/runs",
  openedAt: 5,
  passwords: ["ada@gpu:22"],
};
const base = draftOf(saved);

describe("a connection saved from the form", () => {
  it("is unchanged if nothing was edited", () => {
    expect(applyDraft(saved, base, base)).toEqual(saved);
  });

  it("keeps fields that the form does not show, and changes made elsewhere meanwhile", () => {
    const now = { ...saved, root: "/newer", openedAt: 9, colour: "blue" };
    const after = applyDraft(now, base, { ...base, jump: " login ", localPort: "24000", python: "" });
    expect(after).toEqual({ ...now, jump: "login", localPort: 24_000, python: undefined });
  });

  it("is another one for another host: password and a name that only repeats the host are dropped", () => {
    const after = applyDraft(saved, base, { ...base, host: "gpu2", port: "2222" });
    const there = { host: "gpu2", user: "ada", port: 2222 };
    const name = "ada@gpu2:2222";
    const left = { environmentLines: undefined, passwords: undefined, openedAt: undefined };
    expect(after).toEqual({ ...saved, id: savedIdOf(there), target: there, name, ...left });
    expect(applyDraft({ ...saved, name: "Lab" }, base, { ...base, host: "gpu2" }).name).toBe("Lab");
    expect(applyDraft(saved, base, { ...base, name: "" }).name).toBe("ada@gpu");
  });

  it("is new if it was removed meanwhile", () => {
    const after = applyDraft(undefined, base, { ...base, authentication: "automatic" });
    expect(after).toEqual({
      ...{ id: saved.id, name: "ada@gpu", target, identityFile: "~/.ssh/lab", python: "/p", root: "/runs" },
      lines: "module load gcc",
    });
  });
});
