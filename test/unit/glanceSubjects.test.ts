import { expect, it } from "vitest";
import { glanceSubjects } from "../../src/glanceSubjects.js";
import type { Connection } from "../../src/ssh/model/connection.js";

const run = (syncId: string, id: string, status: string) => ({
  ...{ syncId, id, status, pid: 7, hostname: "gpu" },
  ...{ startedAt: undefined, createdAt: 5 },
});

it("asks a host about its own roots and running runs, each once, and about nothing of other hosts", async () => {
  const subjects = glanceSubjects({
    syncs: {
      list: () =>
        Promise.resolve([
          { id: "ours", connectionId: "a", root: "/runs" },
          { id: "theirs", connectionId: "b", root: "/secret" },
        ]),
      runs: (id: string) => Promise.resolve([run(id, "1", "running"), run(id, "2", "finished")]),
    } as never,
    viewers: {
      sessions: [
        { connectionId: "a", root: "/runs" },
        { connectionId: "a", root: "~/other" },
        { connectionId: "b", root: "/secret" },
      ],
    } as never,
    savedConnections: { get: () => Promise.resolve({ root: "/last" }) } as never,
  });
  expect(await subjects({ id: "a", target: { host: "gpu" } } as Connection)).toEqual({
    roots: ["/runs", "/last"],
    runs: [{ syncId: "ours", id: "1", pid: 7, hostname: "gpu", startedAt: 5 }],
  });
});
