import type { FailureDetail } from "../common/failure.js";
import type { SlurmFailure } from "../slurm/model/failures.js";
import type { ReconnectWait } from "./session/session.js";

/** Why the place that a connection led to is no more, and with it all that ran there; undefined where that is not so. */
export function endOfPlace(wait: ReconnectWait): FailureDetail | undefined {
  if (wait.kind !== "person") return undefined;
  const ended: SlurmFailure["code"] = "job-ended";
  return wait.failure.code === ended ? wait.failure : undefined;
}
