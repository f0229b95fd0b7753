import { beforeEach, describe, expect, it } from "vitest";
import { Cancelled } from "../../../../src/common/failure.js";
import type { JobState } from "../../../../src/slurm/model/job.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { cancelJobs, type ChosenJob } from "../../../../src/vscode/jobs/cancelJobs.js";

const login = { id: "ada@gpu:22" } as Connection;
const queued: JobState = { kind: "queued", reason: "Priority", expectedStart: undefined, isStuck: false };
const running: JobState = { kind: "running", node: "n1", endsAt: undefined };
const ended: JobState = { kind: "ended", how: "completed" };
const unknown: JobState = { kind: "unknown", why: "controller", before: queued };

let now: Record<string, JobState>;
let cancelled: string[];
let asked: (readonly string[])[];
beforeEach(() => {
  now = {};
  cancelled = [];
  asked = [];
});

const slurm = {
  look: (_: Connection, jobId: string) => Promise.resolve(now[jobId] ?? ended),
  cancel: (_: Connection, jobId: string) => {
    cancelled.push(jobId);
    return Promise.resolve();
  },
};
const idsOf = (jobs: readonly ChosenJob[]): string[] => jobs.map(({ jobId }) => jobId);
const cancel = async (agrees: boolean, ...ids: string[]): Promise<string[]> =>
  idsOf(
    await cancelJobs(
      slurm,
      ids.map((jobId) => ({ login, jobId })),
      (started) => {
        asked.push(idsOf(started));
        return agrees ? Promise.resolve() : Promise.reject(new Cancelled());
      },
    ),
  );

describe("jobs that are to be cancelled", () => {
  it("are, without a question, while they wait", async () => {
    now = { 1: queued, 2: queued };
    expect(await cancel(false, "1", "2")).toEqual([]);
    expect([cancelled, asked]).toEqual([["1", "2"], []]);
  });

  it("are asked about in one question where they have started meanwhile", async () => {
    now = { 1: queued, 2: running, 3: running };
    await cancel(true, "1", "2", "3");
    expect([cancelled, asked]).toEqual([["1", "2", "3"], [["2", "3"]]]);
  });

  it("stay, all of them, where that is not wanted", async () => {
    now = { 1: queued, 2: running };
    await expect(cancel(false, "1", "2")).rejects.toThrow(Cancelled);
    expect(cancelled).toEqual([]);
  });

  it("are left alone where they are gone, and where nothing is known of them, which is told", async () => {
    now = { 1: ended, 2: unknown, 3: queued };
    expect(await cancel(true, "1", "2", "3")).toEqual(["2"]);
    expect([cancelled, asked]).toEqual([["3"], []]);
  });
});
