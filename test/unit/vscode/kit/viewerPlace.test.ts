import { describe, expect, it } from "vitest";
import { isSamePlace, readViewerPlace } from "../../../../src/vscode/kit/viewerPlace.js";

describe("the place of a viewer", () => {
  it.each([
    { target: { host: "gpu" } },
    { target: { host: "gpu", user: "ada", port: 2222 }, python: "/env/bin/python", root: "/runs" },
    { target: { host: "gpu" }, where: { kind: "job", request: { minutes: 60, partition: "debug" } } },
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
    { target: { host: "gpu;id" } },
    { target: { host: "gpu", user: "x$IFS-oProxyCommand=id" } },
  ])("is nothing else: %j", (value) => {
    expect(readViewerPlace(value)).toBeUndefined();
  });

  it("is the same for the same runs of the same host, in whichever environment", () => {
    const place = { target: { host: "gpu", port: 22 }, root: "/runs" };
    expect(isSamePlace(place, { ...place, python: "/other/bin/python" })).toBe(true);
    expect(isSamePlace(place, { ...place, target: { host: "job 7 on gpu", port: 22 } })).toBe(true);
    expect(isSamePlace(place, { ...place, root: "/more" })).toBe(false);
    expect(isSamePlace(place, { ...place, target: { host: "gpu", user: "ada", port: 22 } })).toBe(false);
  });
});
