import type { Connection } from "../ssh/model/connection.js";
import { listAtLast, type ListAtLastOptions } from "./listAtLast.js";
import type { JobRequest } from "./model/jobRequest.js";
import type { JobWatch } from "./watch.js";
import type { WorkloadManager } from "./workloadManager.js";

export interface SubmitOptions extends ListAtLastOptions {
  readonly manager: Pick<WorkloadManager, "submit">;
  readonly jobs: Pick<JobWatch, "hold">;
  /** Seconds that a job lives on without a viewer. */
  readonly graceSeconds: () => number;
}

/**
 * Has the cluster take a job, and looks for it as long as that takes where it is not known whether it has.
 * @param onDoubt called then. Without it, the job is looked for once.
 * @returns its number. @throws as `WorkloadManager.submit` does; Cancelled at the end.
 */
export type SubmitJob = (
  login: Connection,
  request: JobRequest,
  key: string,
  onDoubt: (() => void) | undefined,
) => Promise<string>;

export function createSubmit({ manager, jobs, graceSeconds, ...looking }: SubmitOptions): SubmitJob {
  return async (login, request, key, onDoubt) => {
    const connection = looking.latest(login);
    if (!onDoubt) return manager.submit(connection, request, key, graceSeconds());
    // Before it is lost: how a connection was made is forgotten at once then, where nobody needs it.
    const holding = jobs.hold(login);
    try {
      return await manager.submit(connection, request, key, graceSeconds(), () => {
        onDoubt();
        return listAtLast(login, looking);
      });
    } finally {
      holding.dispose();
    }
  };
}
