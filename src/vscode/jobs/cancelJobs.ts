import type { Slurm } from "../../slurm/slurm.js";
import type { Connection } from "../../ssh/model/connection.js";

/** A job by its number, and the login node that it is behind. */
export interface ChosenJob {
  readonly login: Connection;
  readonly jobId: string;
}

/**
 * Takes jobs out of the queue, after a look whether they wait still: what was heard last may be half a minute old.
 * @param mayEnd asked once, of all that have started meanwhile; none of the jobs is touched where it throws.
 * @returns those of which nothing is known now, and which are left as they are.
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
