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

describe("a connection as the form wants it", () => {
  it("is the same where nothing was changed", () => {
    expect(applyDraft(saved, base, base)).toEqual(saved);
  });

  it("keeps what the form does not show, and what changed elsewhere meanwhile", () => {
    const now = { ...saved, root: "/newer", openedAt: 9, colour: "blue" };
    const after = applyDraft(now, base, { ...base, jump: " login ", localPort: "24000", python: "" });
    expect(after).toEqual({ ...now, jump: "login", localPort: 24_000, python: undefined });
  });

  it("is another one where it leads elsewhere: its password stays behind, and a name that only repeats the host", () => {
    const after = applyDraft(saved, base, { ...base, host: "gpu2", port: "2222" });
    const there = { host: "gpu2", user: "ada", port: 2222 };
    const name = "ada@gpu2:2222";
    const left = { environmentLines: undefined, passwords: undefined, openedAt: undefined };
    expect(after).toEqual({ ...saved, id: savedIdOf(there), target: there, name, ...left });
    expect(applyDraft({ ...saved, name: "Lab" }, base, { ...base, host: "gpu2" }).name).toBe("Lab");
    expect(applyDraft(saved, base, { ...base, name: "" }).name).toBe("ada@gpu");
  });

  it("is new where it was forgotten meanwhile", () => {
    const after = applyDraft(undefined, base, { ...base, authentication: "automatic" });
    expect(after).toEqual({
      ...{ id: saved.id, name: "ada@gpu", target, identityFile: "~/.ssh/lab", python: "/p", root: "/runs" },
      lines: "module load gcc",
    });
  });
});
