import { createHash } from "node:crypto";
import { join } from "node:path";
import { acquireLock } from "./common/files/lock.js";
import type { JobRequest } from "./slurm/model/jobRequest.js";
import type { Slurm } from "./slurm/slurm.js";
import type { Connection } from "./ssh/model/connection.js";

export interface TakenJob {
  readonly jobId: string;
  /** Whether it was just submitted. */
  readonly isNew: boolean;
}

export interface TakeOptions {
  /** Ids of jobs not to return, to get another one. Default none. */
  readonly known?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** As `slurm.submit` has it. */
  readonly onDoubt?: (() => void) | undefined;
}

/**
 * Returns our job behind this login node, or submits one.
 * @throws as `slurm.list` and `slurm.submit` do.
 */
export type TakeJob = (login: Connection, request: JobRequest, options?: TakeOptions) => Promise<TakenJob>;

/**
 * Serializes looking for a job and submitting one across tabs and windows: two at once would submit two jobs.
 * @param dataFolder absolute path, for the lock file.
 */
export function createTakeJob(slurm: Pick<Slurm, "list" | "submit">, dataFolder: string): TakeJob {
  return async (login, request, { known = [], signal, onDoubt } = {}) => {
    const name = createHash("sha256").update(login.id).digest("hex").slice(0, 16);
    const lock = await acquireLock(join(dataFolder, `job-${name}.lock`), { signal });
    try {
      const there = await jobThere(slurm, login, { known, signal });
      if (there !== undefined) return { jobId: there, isNew: false };
      return { jobId: (await slurm.submit(login, request, signal, onDoubt)).id, isNew: true };
    } finally {
      await lock.release();
    }
  };
}

/**
 * Returns our existing job, preferably a running one.
 * @throws as `slurm.list` does. Without an answer of the cluster, there may be a job, so do not submit another.
 */
export async function jobThere(
  slurm: Pick<Slurm, "list">,
  login: Connection,
  { known = [], signal }: TakeOptions = {},
): Promise<string | undefined> {
  const live = (await slurm.list(login, signal)).filter(
    ({ id, state }) => state.kind !== "ended" && !known.includes(id),
  );
  return (live.find(({ state }) => state.kind === "running") ?? live[0])?.id;
}
