import type { JobRequest } from "./slurm/model/jobRequest.js";

/** Where on a cluster a viewer runs. */
export type Where =
  | { readonly kind: "login" }
  /** In our job: an existing one, pending or running, else a new one. */
  | { readonly kind: "job"; readonly request: JobRequest }
  /** In a running job of the user's, by id. */
  | { readonly kind: "running"; readonly jobId: string };

/** Maximum characters of a text field of a job. */
const longestText = 1_000;

/** Parses a value from a file or a page. @returns undefined if it is invalid. */
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
