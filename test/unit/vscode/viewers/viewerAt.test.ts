import { describe, expect, it } from "vitest";
import type { ViewerSession } from "../../../../src/viewer/session/session.js";
import { viewerAt } from "../../../../src/vscode/viewers/viewerAt.js";

describe("the viewer of a place", () => {
  const session = (id: string, kind: string): ViewerSession =>
    ({ id, host: "gpu", root: "/runs", state: { kind } }) as unknown as ViewerSession;
  const targets = { bobs: { host: "gpu", user: "bob" }, adas: { host: "gpu", user: "ada" } };
  const at = (user: "ada" | "bob", ...sessions: ViewerSession[]): string | undefined =>
    viewerAt(
      { sessions, targetOf: (id) => targets[id.slice(0, 4) as keyof typeof targets] },
      { target: { host: "gpu", user }, root: "/runs" },
    )?.id;

  it("is not that of another account on the same host", () => {
    const bobs = session("bobs", "running");
    expect(at("ada", bobs)).toBeUndefined();
    expect(at("ada", bobs, session("adas", "running"))).toBe("adas");
  });

  it("is one that failed only where there is no other", () => {
    const failed = session("adas 1", "failed");
    expect(at("ada", failed)).toBe("adas 1");
    expect(at("ada", failed, session("adas 2", "reconnecting"))).toBe("adas 2");
  });
});
