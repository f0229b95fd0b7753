import type { JobState } from "./model/job.js";

/** Minimum milliseconds between two queries of one login node. */
export const shortestInterval = 2_000;
const longestInterval = 30_000;
/** Milliseconds by which two reports of the same time may differ. */
const jitter = 4_000;

/** What is known of one job. */
export interface Watched {
  state: JobState | undefined;
  /** When the state changed, by the clock of `performance.now()`. A new expected start is not a change. */
  since: number;
  /** Since when it is ending without a known outcome, by the same clock; undefined if it is not. */
  endingSince: number | undefined;
  isOurs: boolean | undefined;
  readonly listeners: Set<(state: JobState) => void>;
}

/** Milliseconds until the next query: few after a change, or shortly before one is expected; then more and more. */
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

/** Whether the difference is too small to report. */
export function isSameState(one: JobState, other: JobState): boolean {
  if (one.kind === "running" && other.kind === "running")
    return one.node === other.node && isNear(one.endsAt, other.endsAt);
  if (one.kind === "queued" && other.kind === "queued")
    return one.reason === other.reason && isNear(one.expectedStart, other.expectedStart);
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether only details such as expected times differ. */
export function isSameKind(one: JobState, other: JobState): boolean {
  if (one.kind === "queued" && other.kind === "queued") return one.reason === other.reason;
  return one.kind === other.kind;
}

function isNear(one: number | undefined, other: number | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && Math.abs(one - other) < jitter);
}
