/** How a job ended. */
export type JobEnd =
  /** By itself: its last viewer ended, or nobody came within the grace time. */
  | "completed"
  | "timeLimit"
  | "preempted"
  /** By `scancel`, whoever called it. */
  | "cancelled"
  | "nodeFailed"
  | "outOfMemory"
  | "failed"
  /** The cluster no longer lists the job, and has no record of how it ended. */
  | "forgotten";

/** The last known state of a job. */
export type JobState =
  | {
      readonly kind: "queued";
      /**
       * Slurm's pending reason, such as `Resources`; `None` at first. Its texts are in
       * `src/messages/slurm/jobWords.ts`.
       */
      readonly reason: string;
      /** Milliseconds since the epoch by our clock. Undefined if the cluster has no estimate. */
      readonly expectedStart: number | undefined;
      /** Waiting alone does not resolve the reason: the job is held, or requests more than its partition allows. */
      readonly isStuck: boolean;
    }
  | {
      readonly kind: "running";
      readonly node: string;
      /** When the time limit ends it, in milliseconds since the epoch by our clock. Undefined: no limit. */
      readonly endsAt: number | undefined;
    }
  | { readonly kind: "ended"; readonly how: JobEnd }
  /**
   * The controller does not answer, or the login node is unreachable. Must not be treated as ended: the job keeps
   * running. `before` is the last known state.
   */
  | { readonly kind: "unknown"; readonly why: "controller" | "login"; readonly before: JobState | undefined };

/** A job of the user. */
export interface Job {
  /** The job's number. */
  readonly id: string;
  /** 8 hex digits, from the comment of a job that we submitted; undefined for other jobs. */
  readonly key: string | undefined;
  /** The job's name: foreign text. */
  readonly name: string;
  readonly partition: string;
  readonly state: JobState;
}

/** Whether we submitted it. The name proves nothing: other jobs may have the same. */
export function isOurs({ key }: Pick<Job, "key">): boolean {
  return key !== undefined;
}

/** Whether it was queued in its last known state. */
export function isWaiting(state: JobState): boolean {
  return state.kind === "queued" || (state.kind === "unknown" && state.before?.kind === "queued");
}

/** Milliseconds until the time limit ends it; undefined if it is not running or has no limit. */
export function timeLeft({ kind, ...state }: JobState, now = Date.now()): number | undefined {
  const endsAt = kind === "running" && "endsAt" in state ? state.endsAt : undefined;
  return endsAt === undefined ? undefined : Math.max(0, endsAt - now);
}
