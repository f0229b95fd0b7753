import type { Job, JobEnd, JobState } from "../model/job.js";

/** Separates the fields of a line of `queue.sh`. The job's name comes last, because it may contain the separator. */
const separator = "|";
const fieldCount = 9;
/** Maximum number of jobs in a list: 200 of ours and 200 others. */
const mostJobs = 400;
/** Maximum characters of a name. */
const longestText = 200;

/** A job in a list. Its state is `undefined` while it is ending and the outcome is unknown. */
export interface ListedJob extends Omit<Job, "state"> {
  readonly state: JobState | undefined;
}

/** Slurm's terminal job states. */
const ends: Readonly<Record<string, JobEnd>> = {
  COMPLETED: "completed",
  TIMEOUT: "timeLimit",
  DEADLINE: "timeLimit",
  PREEMPTED: "preempted",
  CANCELLED: "cancelled",
  REVOKED: "cancelled",
  NODE_FAIL: "nodeFailed",
  BOOT_FAIL: "nodeFailed",
  OUT_OF_MEMORY: "outOfMemory",
  FAILED: "failed",
};

/** How a job ended, from Slurm's job state, such as `CANCELLED by 1000`; undefined for a state that is not terminal. */
export function readEnd(state: string): JobEnd | undefined {
  const [word = ""] = state.trim().split(/[ +]/);
  return Object.hasOwn(ends, word) ? ends[word] : undefined;
}

/**
 * Parses the output of `queue.sh`; skips malformed lines.
 * @param now milliseconds since the epoch by our clock; the cluster's may differ.
 * @param most maximum number of jobs.
 */
export function readQueue(text: string, now: number, most = mostJobs): ListedJob[] {
  const lines = text.split("\n");
  const theirs = Number(/^now (\d{1,12})$/.exec(lines[0] ?? "")?.[1]);
  const shift = Number.isFinite(theirs) ? now - theirs * 1000 : undefined;
  return lines
    .slice(1)
    .flatMap((line) => readLine(line, now, shift) ?? [])
    .slice(0, most);
}

function readLine(line: string, now: number, shift: number | undefined): ListedJob | undefined {
  const fields = line.split(separator);
  if (fields.length < fieldCount) return undefined;
  const [id = "", word = "", reason = "", start = "", left = "", node = "", partition = "", comment = ""] =
    fields;
  if (!/^[1-9]\d{0,17}$/.test(id) || !/^[A-Z_]{1,40}$/.test(word)) return undefined;
  const name = fields
    .slice(fieldCount - 1)
    .join(separator)
    .slice(0, longestText);
  const key = /^runicorn-remote:([0-9a-f]{8})$/.exec(comment)?.[1];
  const state = stateOf(word, { reason, start, left, node }, now, shift);
  return { id, key, name, partition: partition.slice(0, longestText), state };
}

interface Details {
  readonly reason: string;
  readonly start: string;
  readonly left: string;
  readonly node: string;
}

function stateOf(
  word: string,
  { reason, start, left, node }: Details,
  now: number,
  shift: number | undefined,
): JobState | undefined {
  const how = readEnd(word);
  if (how) return { kind: "ended", how };
  if (word === "COMPLETING" || word === "STAGE_OUT" || word === "SIGNALING") return undefined;
  if (
    word === "PENDING" ||
    word === "CONFIGURING" ||
    word.startsWith("REQUEUE") ||
    word === "RESV_DEL_HOLD"
  ) {
    const known = readReason(reason);
    const expected =
      /^\d{1,12}$/.test(start) && shift !== undefined ? Number(start) * 1000 + shift : undefined;
    return { kind: "queued", reason: known, expectedStart: expected, isStuck: isStuck(known) };
  }
  const seconds = readDuration(left);
  const endsAt = seconds === undefined ? undefined : now + seconds * 1000;
  return { kind: "running", node: /^[\w.-]{1,255}$/.test(node) ? node : "", endsAt };
}

/** Reads a pending reason: Slurm's word for it, or a text without one, such as an administrator may set. */
function readReason(text: string): string {
  const written = text.trim();
  if (/ failed .*\bheld\b/.test(written)) return "JobLaunchFailure";
  if (/ held\b/.test(written)) return "JobHeldUser";
  if (written.startsWith("Nodes required for job")) return "ReqNodeNotAvail";
  // Node names may follow a word.
  return /^\w+(?=[,(]|$)/.exec(written)?.[0] ?? (written.slice(0, longestText) || "None");
}

/** Pending reasons that waiting alone does not resolve. */
const stuck = new Set([
  "PartitionTimeLimit",
  "PartitionNodeLimit",
  "PartitionInactive",
  "JobHeldUser",
  "JobHeldAdmin",
  "BadConstraints",
  "DependencyNeverSatisfied",
  "InvalidAccount",
  "InvalidQOS",
  "AccountNotAllowed",
  "QOSNotAllowed",
  "ReservationDeleted",
  "JobLaunchFailure",
  "AssociationTimeLimit",
  "QOSTimeLimit",
]);

function isStuck(reason: string): boolean {
  return stuck.has(reason) || /PerJob|^QOSMin|NotSatisfied$/.test(reason);
}

/** Seconds of a duration: `[D-]H:M:S`, `M:S` or `D-H`; undefined for anything else, such as `UNLIMITED`. */
export function readDuration(text: string): number | undefined {
  const [, days = "0", rest = ""] = /^(?:(\d{1,6})-)?(\d{1,6}(?::\d{1,2}){0,2})$/.exec(text) ?? [];
  if (rest === "") return undefined;
  const parts = rest.split(":").map(Number);
  const isFromHours = text.includes("-") || parts.length === 3;
  const [hours = 0, minutes = 0, seconds = 0] = isFromHours ? parts : [0, ...parts];
  return ((Number(days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}
