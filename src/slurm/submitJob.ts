import type { Connection } from "../ssh/model/connection.js";
import { listAtLast, type ListAtLastOptions } from "./listAtLast.js";
import type { JobRequest } from "./model/jobRequest.js";
import type { JobWatch } from "./watch.js";
import type { WorkloadManager } from "./workloadManager.js";

export interface SubmitOptions extends ListAtLastOptions {
  readonly manager: Pick<WorkloadManager, "submit">;
  readonly jobs: Pick<JobWatch, "hold">;
  /** How long a job runs without a viewer, in seconds. */
  readonly graceSeconds: () => number;
}

/**
 * Submits a job. If the answer is lost, looks for the job until the cluster answers.
 * @param onDoubt called if the answer is lost.
 * @returns the job id. @throws as `WorkloadManager.submit` does; Cancelled on shutdown.
 */
export type SubmitJob = (
  login: Connection,
  request: JobRequest,
  key: string,
  onDoubt: () => void,
) => Promise<string>;

export function createSubmit({ manager, jobs, graceSeconds, ...looking }: SubmitOptions): SubmitJob {
  return async (login, request, key, onDoubt) => {
    // Hold it before it can be lost: a lost connection that nobody needs cannot be reopened.
    const holding = jobs.hold(login);
    try {
      return await manager.submit(looking.latest(login), request, key, graceSeconds(), () => {
        onDoubt();
        return listAtLast(login, looking);
      });
    } finally {
      holding.dispose();
    }
  };
}
