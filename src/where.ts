import type { JobRequest } from "./slurm/model/jobRequest.js";

/** Where on a cluster a viewer runs. */
export type Where =
  | { readonly kind: "login" }
  /** A job of ours: the one that waits or runs already, else one that is asked for. */
  | { readonly kind: "job"; readonly request: JobRequest }
  /** A running job of the person's, by its number. */
  | { readonly kind: "running"; readonly jobId: string };

/** Characters of a text that a person may enter for a job. */
const longestText = 1_000;

/** What stands in a file or comes from a page. @returns undefined where it is no such answer. */
export function readWhere(value: unknown): Where | undefined {
  if (!isObject(value)) return undefined;
  const { kind, jobId, request } = value;
  if (kind === "login") return { kind };
  if (kind === "running")
    return typeof jobId === "string" && /^[1-9]\d{0,17}$/.test(jobId) ? { kind, jobId } : undefined;
  const read = kind === "job" ? readRequest(request) : undefined;
  return read && { kind: "job", request: read };
}

function readRequest(value: unknown): JobRequest | undefined {
  if (!isObject(value)) return undefined;
  const { minutes, partition, account, qos, cpus, memory, gpus, options } = value;
  const areTexts = [partition, account, qos, gpus, options].every(
    (text) => text === undefined || (typeof text === "string" && text.length <= longestText),
  );
  const areCounts = [cpus, memory].every((count) => count === undefined || isCount(count));
  if (!isCount(minutes) || !areTexts || !areCounts) return undefined;
  const given = Object.entries({ partition, account, qos, cpus, memory, gpus, options }).filter(
    ([, one]) => one !== undefined,
  );
  return { minutes, ...(Object.fromEntries(given) as Partial<JobRequest>) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
