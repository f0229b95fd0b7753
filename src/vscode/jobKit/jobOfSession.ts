import type { App } from "../../app.js";
import type { SlurmFailure } from "../../slurm/model/failures.js";
import type { JobState } from "../../slurm/model/job.js";
import { jobOf } from "../../ssh/model/jobTarget.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import type { ViewerSession } from "../../viewer/session/session.js";

/** The job of a viewer. */
export interface SessionJob {
  readonly jobId: string;
  readonly login: Target;
  /** Undefined if not known yet. */
  readonly state: JobState | undefined;
}

/** @returns undefined for a viewer outside jobs. */
export function jobOfSession(
  app: Pick<App, "viewers" | "slurm" | "connections">,
  { id, host }: Pick<ViewerSession, "id" | "host">,
): SessionJob | undefined {
  const place = jobOf(app.viewers.targetOf(id) ?? { host });
  return place && { ...place, state: stateOf(app, place.login, place.jobId) };
}

/** The state of a job; two clusters may use the same job id. */
function stateOf(
  { slurm, connections }: Pick<App, "slurm" | "connections">,
  login: Target,
  jobId: string,
): JobState | undefined {
  const found = slurm.watched.filter((one) => one.jobId === jobId);
  const loginId = connections.all.find(({ target }) => formatTarget(target) === formatTarget(login))?.id;
  const its = found.find((one) => one.loginId === loginId);
  return (its ?? (found.length === 1 ? found[0] : undefined))?.state;
}

type JobEnded = Extract<SlurmFailure, { readonly code: "job-ended" }>;

/** How the job of a viewer ended, if the viewer ended with it. */
export function endOfJob({ state }: Pick<ViewerSession, "state">): JobEnded | undefined {
  const failure = state.kind === "failed" ? state.failure : undefined;
  return failure?.code === "job-ended" ? (failure as JobEnded) : undefined;
}
