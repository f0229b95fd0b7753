import type { JobState } from "./model/job.js";

/** Milliseconds between two questions to the controller of one cluster, at least. */
export const shortestInterval = 2_000;
const longestInterval = 30_000;
/** Milliseconds that two tellings of the same time may differ. */
const jitter = 4_000;

/** What is known of one job. */
export interface Watched {
  state: JobState | undefined;
  /** When it became so, by the clock of `performance.now()`: a start that is expected at another time is no change. */
  since: number;
  /** Since when it is over and how is not known yet, by the same clock; undefined where that is not so. */
  endingSince: number | undefined;
  isOurs: boolean | undefined;
  readonly listeners: Set<(state: JobState) => void>;
}

/** Milliseconds until a job is asked for again: few while something is about to happen, then ever more. */
export function intervalOf({ state, since, endingSince }: Watched): number {
  if (endingSince !== undefined) return within((performance.now() - endingSince) / 10);
  if (state === undefined) return shortestInterval;
  if (state.kind !== "running") return within((performance.now() - since) / 10);
  return within(state.endsAt === undefined ? longestInterval : state.endsAt - Date.now() + shortestInterval);
}

/** The same for what has been asked for since then, by the clock of `performance.now()`. */
export function intervalSince(since: number): number {
  return within((performance.now() - since) / 10);
}

function within(milliseconds: number): number {
  return Math.min(longestInterval, Math.max(shortestInterval, milliseconds));
}

/** Whether nobody needs to hear of the second one. */
export function isSameState(one: JobState, other: JobState): boolean {
  if (one.kind === "running" && other.kind === "running")
    return one.node === other.node && isNear(one.endsAt, other.endsAt);
  if (one.kind === "queued" && other.kind === "queued")
    return one.reason === other.reason && isNear(one.expectedStart, other.expectedStart);
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether it is the same but for what is expected of it. */
export function isSameKind(one: JobState, other: JobState): boolean {
  if (one.kind === "queued" && other.kind === "queued") return one.reason === other.reason;
  return one.kind === other.kind;
}

function isNear(one: number | undefined, other: number | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && Math.abs(one - other) < jitter);
}
