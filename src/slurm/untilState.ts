import { timeLimit } from "../common/async/timeLimit.js";
import { Cancelled, Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { SlurmFailure } from "./model/failures.js";
import type { JobState } from "./model/job.js";
import type { JobWatch } from "./watch.js";

/** Milliseconds in which a cancelled job must end: its processes have 30 s to exit (KillWait in slurm.conf(5)). */
const cancelLimit = 60_000;

/** Resolves when the job runs. @throws Failure `job-ended`, `job-stuck`, or Cancelled. */
export function untilRunning(
  jobs: JobWatch,
  login: Connection,
  jobId: string,
  signal: AbortSignal | undefined,
  onState?: (state: JobState) => void,
): Promise<void> {
  const { host } = login.target;
  return untilState(jobs, login, jobId, signal, (state) => {
    onState?.(state);
    if (state.kind === "ended")
      throw new Failure<SlurmFailure>({ code: "job-ended", host, jobId, how: state.how });
    if (state.kind === "queued" && state.isStuck)
      throw new Failure<SlurmFailure>({ code: "job-stuck", host, jobId, reason: state.reason });
    return state.kind === "running";
  });
}

/** Resolves when the cluster says that the job has ended. @throws Failure `job-not-ended` after a minute. */
export async function untilEnded(jobs: JobWatch, login: Connection, jobId: string): Promise<void> {
  const limit = timeLimit(cancelLimit);
  try {
    await untilState(jobs, login, jobId, limit, (state) => {
      // Poll again as soon as possible.
      if (state.kind === "running" || state.kind === "queued") jobs.refresh(login);
      return state.kind === "ended";
    });
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    const { host } = login.target;
    throw new Failure<SlurmFailure>({ code: "job-not-ended", host, jobId }, { cause: error });
  }
}

/** @param judge whether the state is reached; throws if it never will be. */
function untilState(
  jobs: JobWatch,
  login: Connection,
  jobId: string,
  signal: AbortSignal | undefined,
  judge: (state: JobState) => boolean,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const finish = (act: () => void): void => {
      signal?.removeEventListener("abort", onAbort);
      watching.dispose();
      act();
    };
    const onAbort = (): void => finish(() => reject(new Cancelled()));
    const watching = jobs.watch(login, jobId, (state) => {
      try {
        if (judge(state)) finish(resolve);
      } catch (error) {
        finish(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}
