import { expect, it } from "vitest";
import { put } from "../../../../src/connectionOrder.js";
import type { SavedConnection } from "../../../../src/savedConnections.js";
import type { ViewerSession } from "../../../../src/viewer/session/session.js";
import type { NodeData } from "../../../../src/vscode/sideBar/nodes.js";
import { placeOf } from "../../../../src/vscode/sideBar/placeOf.js";

const saved = (id: string, order: number, group?: string): SavedConnection => ({
  ...{ id, name: id, target: { host: id }, order },
  ...(group !== undefined && { group }),
});
const gpu = saved("gpu", 0, "lab");
const session: ViewerSession = {
  id: "s1",
  connectionId: "c1",
  host: "gpu",
  environment: {
    ...{ python: "/env/bin/python", name: "env", kind: "venv", prefix: "/env" },
    ...{ pythonVersion: undefined, runicornVersion: "0.7.2", problem: undefined },
  },
  root: "/runs",
  startedAt: 1,
  kept: false,
  state: { kind: "stopped", onHost: { kind: "gone" } },
};
const viewerOf = (host: SavedConnection | undefined): NodeData => ({ kind: "session", session, host });

it("is that of its host where connections are dropped on a viewer, which leaves them in its group", () => {
  const place = placeOf(viewerOf(gpu));
  expect(place).toEqual({ kind: "connection", id: "gpu" });
  const after = place && put([gpu, saved("one", 1, "lab"), saved("two", 2)], ["one"], place);
  expect(after?.map(({ id, group }) => [id, group])).toEqual([
    ["one", "lab"],
    ["gpu", "lab"],
    ["two", undefined],
  ]);
});

it("is none on the viewer of a host that is not saved", () => {
  expect(placeOf(viewerOf(undefined))).toBeUndefined();
});

it("is the group, or the end below everything", () => {
  expect(placeOf({ kind: "group", name: "lab" })).toEqual({ kind: "group", name: "lab" });
  expect(placeOf(undefined)).toEqual({ kind: "end" });
});
