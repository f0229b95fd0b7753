import type { Connection } from "../ssh/model/connection.js";
import type { ListedJob } from "./answers/readQueue.js";
import type { JobEnd } from "./model/job.js";
import type { JobRequest } from "./model/jobRequest.js";

/** The commands of a workload manager. Support for another one, such as PBS, would implement this. */
export interface WorkloadManager {
  /**
   * Submits a job for viewers.
   * @param key 8 hex digits that identify the job.
   * @param graceSeconds how long it runs without a viewer.
   * @param look lists our jobs if the answer is lost.
   * @returns the job id. Submits at most one job: if the answer is lost, looks for it by its key.
   * @throws Failure with a `SlurmFailure` or `SshFailure`.
   */
  submit(
    login: Connection,
    request: JobRequest,
    key: string,
    graceSeconds: number,
    look: () => Promise<readonly ListedJob[]>,
  ): Promise<string>;
  /** Our jobs, including ended ones while the cluster lists them; with `all` up to 200 other running jobs of the user, too. */
  queue(login: Connection, which: "ours" | "all"): Promise<readonly ListedJob[]>;
  /**
   * These jobs, ours or not, in one query. The cluster no longer has those that are missing.
   * @throws Failure with a `SlurmFailure` or `SshFailure` where that is not certain.
   */
  jobs(login: Connection, jobIds: readonly string[]): Promise<readonly ListedJob[]>;
  /**
   * How a job ended that is no longer in the queue; `alive` if accounting says that it has not.
   * @returns undefined if there is no accounting, or no record of this job.
   * @throws Failure with a `SlurmFailure` or `SshFailure`.
   */
  ended(login: Connection, jobId: string): Promise<JobEnd | "alive" | undefined>;
  cancel(login: Connection, jobId: string): Promise<void>;
  /** The command line, for any login shell, of a step that runs a script in the job with the command's own streams. */
  reach(login: Connection, jobId: string, script: string, argument: string): Promise<string>;
}
