import { expect, it } from "vitest";
import { recentRoots } from "../../../../src/savedConnections.js";
import { savedIdOf } from "../../../../src/savedConnectionId.js";
import { knownRootsOf } from "../../../../src/vscode/rootPicker/recentRoots.js";

const target = { host: "gpu" };
const saved = { id: savedIdOf(target), name: "gpu", target, root: "/last", roots: ["/last", "/before"] };

it("known roots of a host are what is asked for, what was used, what runs and what was copied", async () => {
  const app = {
    savedConnections: { get: () => Promise.resolve(saved) },
    viewers: {
      sessions: [
        { connectionId: "c", root: "/runs" },
        { connectionId: "other", root: "/elsewhere" },
      ],
    },
    syncs: {
      list: () =>
        Promise.resolve([
          { target, root: "/copied" },
          { target: { host: "other" }, root: "/elsewhere" },
          { target, root: "/before" },
        ]),
    },
  } as unknown as Parameters<typeof knownRootsOf>[0];
  const connection = { id: "c", target };
  expect(await knownRootsOf(app, connection, "/first")).toEqual([
    "/first",
    "/last",
    "/before",
    "/runs",
    "/copied",
  ]);
  app.syncs.list = () => Promise.reject(new Error("unreadable"));
  expect(await knownRootsOf(app, connection)).toEqual(["/last", "/before", "/runs"]);
});

it("recent roots are eight, the one that is used now first, each once", () => {
  expect(recentRoots(saved, "/before")).toEqual(["/before", "/last"]);
  const many = { ...saved, roots: Array.from({ length: 12 }, (_, at) => `/r${at}`) };
  expect(recentRoots(many, "/now")).toEqual(["/now", "/last", "/r0", "/r1", "/r2", "/r3", "/r4", "/r5"]);
  expect(recentRoots({ id: "1", name: "new", target })).toEqual([]);
});
