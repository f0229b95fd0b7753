import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type JobRequest, usualRequest } from "../../src/slurm/model/jobRequest.js";
import type { Slurm } from "../../src/slurm/slurm.js";
import type { Connection } from "../../src/ssh/model/connection.js";
import { createTakeJob, jobThere } from "../../src/takeJob.js";

const login = { id: "ada@gpu:22" } as Connection;
const queued = { kind: "queued", reason: "None", expectedStart: undefined, isStuck: false } as const;
const running = { kind: "running", node: "n1", endsAt: undefined } as const;

let folder: string;
/** The jobs of the cluster. */
let jobs: { id: string; state: typeof queued | typeof running }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "take-job-"));
  jobs = [];
});
afterEach(() => rm(folder, { recursive: true }));

const slurm = {
  list: async () => {
    const there = [...jobs];
    await new Promise(setImmediate);
    return there;
  },
  submit: async (_: Connection, __: JobRequest, signal?: AbortSignal) => {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    jobs.push({ id: String(jobs.length + 1), state: queued });
    return { id: String(jobs.length) };
  },
} as unknown as Slurm;

describe("taking a job", () => {
  it("submits only one, even if two windows want one at the same time", async () => {
    const windows = [createTakeJob(slurm, folder), createTakeJob(slurm, folder)];
    const taken = await Promise.all([...windows, ...windows].map((take) => take(login, usualRequest)));
    expect(jobs).toHaveLength(1);
    expect(taken.map(({ jobId }) => jobId)).toEqual(["1", "1", "1", "1"]);
    expect(taken.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("returns another one than those that the user already knows", async () => {
    jobs = [{ id: "1", state: running }];
    const take = createTakeJob(slurm, folder);
    expect(await take(login, usualRequest, { known: ["1"] })).toEqual({ jobId: "2", isNew: true });
    expect(await take(login, usualRequest, { known: ["1"] })).toEqual({ jobId: "2", isNew: false });
  });

  it("prefers a running job to a pending one", async () => {
    jobs = [
      { id: "1", state: queued },
      { id: "2", state: running },
    ];
    expect(await jobThere(slurm, login)).toBe("2");
  });

  it("does not block the next one when it fails", async () => {
    const take = createTakeJob(slurm, folder);
    await expect(take(login, usualRequest, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect((await take(login, usualRequest)).isNew).toBe(true);
  });
});
