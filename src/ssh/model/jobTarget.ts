import { isTarget, type Target } from "./target.js";

/** A job of a workload manager, on the login node that leads to it. */
export interface JobPlace {
  /** The login node, as the person wrote it. */
  readonly login: Target;
  /** The job's number. */
  readonly jobId: string;
}

const numbers = /^[1-9]\d{0,17}$/;
const pattern = /^job ([1-9]\d{0,17}) on (\S+)$/;

/**
 * A job as a place to connect to. A host that is reached by SSH never has such a name: none holds a space.
 * @throws RangeError for a number that no job has.
 */
export function jobTarget({ login, jobId }: JobPlace): Target {
  if (!numbers.test(jobId)) throw new RangeError("not the number of a job");
  return { ...login, host: `job ${jobId} on ${login.host}` };
}

/** The login node that leads to a job; every other place is its own. */
export function loginOf(target: Target): Target {
  return jobOf(target)?.login ?? target;
}

/** The inverse of {@link jobTarget}; undefined for every other place. */
export function jobOf(target: Target): JobPlace | undefined {
  const [, jobId, host] = pattern.exec(target.host) ?? [];
  if (jobId === undefined || host === undefined) return undefined;
  const login = { ...target, host };
  return isTarget(login) ? { login, jobId } : undefined;
}

/** Whether the connection with this id leads into a job behind the login node of that connection. */
export function isBehind(connectionId: string, loginId: string): boolean {
  return /@job-\d+:22 via /.test(connectionId) && connectionId.endsWith(` via ${loginId}`);
}
