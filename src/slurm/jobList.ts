import { orCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { ListedJob } from "./answers/readQueue.js";
import type { JobWatch } from "./watch.js";
import type { WorkloadManager } from "./workloadManager.js";

/**
 * Lists our jobs, including ended ones, and other running jobs. Calls before the query is sent share it; it takes turns with
 * the queries of the watch.
 * @throws Failure with a `SlurmFailure` or `SshFailure`; Cancelled.
 */
export type JobList = (login: Connection, signal?: AbortSignal) => Promise<readonly ListedJob[]>;

export interface JobListOptions {
  readonly manager: Pick<WorkloadManager, "queue">;
  readonly jobs: Pick<JobWatch, "turn">;
  /** Returns the current connection to the login node. */
  readonly latest: (login: Connection) => Connection;
}

export function createJobList({ manager, jobs, latest }: JobListOptions): JobList {
  const unsent = new Map<string, Promise<readonly ListedJob[]>>();
  const ask = async (login: Connection): Promise<readonly ListedJob[]> => {
    try {
      await jobs.turn(login);
    } finally {
      unsent.delete(login.id);
    }
    return manager.queue(latest(login), "all");
  };
  return (login, signal) => {
    const asked = unsent.get(login.id) ?? ask(login);
    unsent.set(login.id, asked);
    return orCancelled(asked, signal);
  };
}
