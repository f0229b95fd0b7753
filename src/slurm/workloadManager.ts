import type { Connection } from "../ssh/model/connection.js";
import type { ListedJob } from "./answers/readQueue.js";
import type { JobEnd } from "./model/job.js";
import type { JobRequest } from "./model/jobRequest.js";

/** What only the scripts of one workload manager know. Another one, such as PBS, is another one of these. */
export interface WorkloadManager {
  /**
   * Has the cluster take a job that keeps viewers.
   * @param key 8 hex digits, by which it is found again.
   * @param graceSeconds that it lives on without a viewer.
   * @param look lists the jobs of ours where the answer is lost. Default: asks for them once, and finds none where that fails.
   * @returns its number. At most one job is taken; where the answer is lost, it is looked for by its key.
   * @throws Failure with a `SlurmFailure` or `SshFailure`.
   */
  submit(
    login: Connection,
    request: JobRequest,
    key: string,
    graceSeconds: number,
    look?: () => Promise<readonly ListedJob[]>,
  ): Promise<string>;
  /** The jobs of ours, ended ones too for as long as the cluster knows them; of `all` the others too that run, 200 at most. */
  queue(login: Connection, which: "ours" | "all"): Promise<readonly ListedJob[]>;
  /**
   * These jobs of the person's, ours or not, in one question. What is missing the cluster does not have any more.
   * @throws Failure with a `SlurmFailure` or `SshFailure` where that is not certain.
   */
  jobs(login: Connection, jobIds: readonly string[]): Promise<readonly ListedJob[]>;
  /**
   * How a job ended that the queue does not have any more; `alive` where the accounts say that it has not.
   * @returns undefined where no accounts are kept, or none of this job.
   * @throws Failure with a `SlurmFailure` or `SshFailure`.
   */
  ended(login: Connection, jobId: string): Promise<JobEnd | "alive" | undefined>;
  cancel(login: Connection, jobId: string): Promise<void>;
  /** The command line, for any login shell, of a step that runs a script in the job and passes its streams through. */
  reach(login: Connection, jobId: string, script: string, argument: string): Promise<string>;
}
