import { describe, expect, it } from "vitest";
import type { ViewerSession } from "../../../../src/viewer/session/session.js";
import { isSamePlace, readViewerPlace, viewerAt } from "../../../../src/vscode/kit/viewerPlace.js";

describe("the place of a viewer", () => {
  it.each([
    { target: { host: "gpu" } },
    { target: { host: "gpu", user: "ada", port: 2222 }, python: "/env/bin/python", root: "/runs" },
  ])("is read as it was kept: %j", (place) => {
    expect(readViewerPlace(place)).toEqual(place);
  });

  it.each([
    undefined,
    null,
    {},
    { target: {} },
    { target: { host: "" } },
    { target: { host: "gpu", port: 0 } },
    { target: { host: "gpu", port: "22" } },
    { target: { host: "gpu", user: 7 } },
    { target: { host: "gpu" }, root: {} },
  ])("is nothing else: %j", (value) => {
    expect(readViewerPlace(value)).toBeUndefined();
  });

  it("is the same for the same runs of the same host, in whichever environment", () => {
    const place = { target: { host: "gpu", port: 22 }, root: "/runs" };
    expect(isSamePlace(place, { ...place, python: "/other/bin/python" })).toBe(true);
    expect(isSamePlace(place, { ...place, root: "/more" })).toBe(false);
    expect(isSamePlace(place, { ...place, target: { host: "gpu", user: "ada", port: 22 } })).toBe(false);
  });
});

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
