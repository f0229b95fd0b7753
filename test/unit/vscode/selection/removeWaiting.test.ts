import { expect, it } from "vitest";
import type { Slurm } from "../../../../src/slurm/slurm.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { removeWaiting } from "../../../../src/vscode/selection/removeWaiting.js";

const login = { id: "ada@gpu:22" } as Connection;
const queued = { kind: "queued", reason: "Priority", expectedStart: undefined, isStuck: false } as const;
const running = { kind: "running", node: "n1", endsAt: undefined } as const;
const unknown = { kind: "unknown", why: "controller", before: queued } as const;

it("takes out of the queue what waits there still, and is ours and watched here", async () => {
  const cancelled: string[] = [];
  let looks = 0;
  const watched = (loginId: string, jobId: string, state: Slurm["watched"][number]["state"]) => ({
    ...{ loginId, jobId, state },
  });
  const slurm = {
    watched: [
      watched(login.id, "1", queued),
      watched(login.id, "2", unknown),
      watched(login.id, "3", unknown),
      watched(login.id, "4", running),
      // Not in the list: it is the person's own.
      watched(login.id, "5", queued),
      watched("ada@other:22", "6", queued),
    ],
    list: () => {
      looks += 1;
      const states = { 1: queued, 2: queued, 3: running, 4: running, 6: queued, 7: queued };
      return Promise.resolve(Object.entries(states).map(([id, state]) => ({ id, state })));
    },
    cancel: (_: Connection, jobId: string) => {
      cancelled.push(jobId);
      return Promise.resolve();
    },
  } as unknown as Slurm;
  await removeWaiting(slurm, login);
  expect(cancelled).toEqual(["1", "2"]);
  await removeWaiting(slurm, { id: "ada@third:22" } as Connection);
  expect(looks).toBe(1);
});
