import type { Slurm } from "../../slurm/slurm.js";
import type { Connection } from "../../ssh/model/connection.js";

/** A job and its login node. */
export interface ChosenJob {
  readonly login: Connection;
  readonly jobId: string;
}

/**
 * Cancels jobs after a fresh query: their last known state may be half a minute old.
 * @param mayEnd called once with all jobs that have started since. If it throws, no job is cancelled.
 * @returns jobs whose state is unknown, which are not cancelled.
 * @throws as `slurm.cancel` and `mayEnd` do.
 */
export async function cancelJobs(
  slurm: Pick<Slurm, "look" | "cancel">,
  jobs: readonly ChosenJob[],
  mayEnd: (started: readonly ChosenJob[]) => Promise<void>,
): Promise<readonly ChosenJob[]> {
  const states = await Promise.all(jobs.map(({ login, jobId }) => slurm.look(login, jobId)));
  const those = (wanted: (typeof states)[number]["kind"]): ChosenJob[] =>
    jobs.filter((_, at) => states[at]?.kind === wanted);
  const started = those("running");
  if (started.length > 0) await mayEnd(started);
  await Promise.all([...those("queued"), ...started].map(({ login, jobId }) => slurm.cancel(login, jobId)));
  return those("unknown");
}
