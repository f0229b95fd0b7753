import type { SharedWork } from "../common/async/sharedWork.js";
import { Failure } from "../common/failure.js";
import type { Connection } from "./model/connection.js";
import type { SshFailure } from "./model/failures.js";
import type { Interaction } from "./model/interaction.js";
import { type JobPlace, jobTarget } from "./model/jobTarget.js";
import { formatTarget, type Target } from "./model/target.js";
import type { Origin, Pool } from "./pool.js";

/** The connection to a login node. @throws Failure with an `SshFailure`, or Cancelled. */
export type LoginNode = (login: Target, interaction: Interaction, signal: AbortSignal) => Promise<Connection>;

/** Opens a connection into a job behind a login node. @throws Failure, or Cancelled. */
export type OpenJob = (
  login: Connection,
  jobId: string,
  interaction: Interaction,
  signal: AbortSignal,
) => Promise<Connection>;

/** The connections into jobs, in the same pool as those to hosts: one for each job. */
export interface JobConnections {
  present(target: Target): Connection | undefined;
  /** The open one, or a new one; two callers at once share one attempt. @throws Failure, or Cancelled. */
  connect(
    job: JobPlace,
    origin: Origin,
    interaction: Interaction,
    signal: AbortSignal | undefined,
  ): Promise<Connection>;
}

export function createJobConnections(parts: {
  readonly pool: Pool;
  readonly attempts: SharedWork<Connection>;
  readonly loginNode: LoginNode;
  readonly openJob: OpenJob | undefined;
}): JobConnections {
  const { pool, attempts, loginNode, openJob } = parts;
  const present: JobConnections["present"] = (target) =>
    pool.all.find((one) => one.state === "open" && formatTarget(one.target) === formatTarget(target));
  return {
    present,
    connect: async (job, origin, interaction, given) => {
      const target = jobTarget(job);
      const name = formatTarget(target);
      const open = async (signal: AbortSignal): Promise<Connection> => {
        const login = await loginNode(job.login, interaction, signal);
        if (!openJob) throw new Failure<SshFailure>({ code: "connection-unknown", id: name });
        return pool.keep("", await openJob(login, job.jobId, interaction, signal), origin);
      };
      return present(target) ?? attempts.join(name, open, given);
    },
  };
}
