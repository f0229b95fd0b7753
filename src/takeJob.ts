import { createHash } from "node:crypto";
import { join } from "node:path";
import { acquireLock } from "./common/files/lock.js";
import type { JobRequest } from "./slurm/model/jobRequest.js";
import type { Slurm } from "./slurm/slurm.js";
import type { Connection } from "./ssh/model/connection.js";

export interface TakenJob {
  readonly jobId: string;
  /** Whether it was asked for just now. */
  readonly isNew: boolean;
}

export interface TakeOptions {
  /** The numbers of jobs that are not wanted: another one beside them is. Default none. */
  readonly known?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** As `slurm.submit` has it. */
  readonly onDoubt?: (() => void) | undefined;
}

/**
 * A job of ours behind this login node: one that is there already, else one that is asked for.
 * @throws as `slurm.list` and `slurm.submit` do.
 */
export type TakeJob = (login: Connection, request: JobRequest, options?: TakeOptions) => Promise<TakenJob>;

/**
 * Whoever looks for a job and asks for one does so in their turn, tabs and windows alike: two at once would get two jobs.
 * @param dataFolder absolute path; the lock's file is in it.
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
 * The job of ours that is there already, one that runs first: coming back never asks for a second one.
 * @throws as `slurm.list` does, also where the cluster does not answer: it may have one.
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
