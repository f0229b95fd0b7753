/** How a job ended. */
export type JobEnd =
  /** By itself: the viewer was stopped, or nobody was there for the grace time. */
  | "completed"
  | "timeLimit"
  | "preempted"
  /** By `scancel`, whoever called it. */
  | "cancelled"
  | "nodeFailed"
  | "outOfMemory"
  | "failed"
  /** The cluster knows the job no more, and remembers no cause. */
  | "forgotten";

/** What the cluster last said of a job. */
export type JobState =
  | {
      readonly kind: "queued";
      /** Slurm's own word, such as `Resources` or `Priority`; `None` at first. `src/messages/slurm/jobWords.ts` puts it in words. */
      readonly reason: string;
      /** Milliseconds since the epoch by our clock. Undefined where the cluster expects nothing. */
      readonly expectedStart: number | undefined;
      /** The job waits for something that does not come by itself: held by somebody, or more than its partition allows. */
      readonly isStuck: boolean;
    }
  | {
      readonly kind: "running";
      readonly node: string;
      /** When its time limit ends it, milliseconds since the epoch by our clock. Undefined: none. */
      readonly endsAt: number | undefined;
    }
  | { readonly kind: "ended"; readonly how: JobEnd }
  /**
   * The controller does not answer, or the login node is not reached. Never taken for an end: `before` is what was known
   * last, and what runs goes on.
   */
  | { readonly kind: "unknown"; readonly why: "controller" | "login"; readonly before: JobState | undefined };

/** A job of the person's. */
export interface Job {
  /** The job's number. */
  readonly id: string;
  /** 8 hex digits that its submitter gave it; undefined for a job that is not ours. */
  readonly key: string | undefined;
  /** As its owner named it: foreign text. */
  readonly name: string;
  readonly partition: string;
  readonly state: JobState;
}

/** Whether we submitted it. Its name alone says nothing: the person may have a job of that name. */
export function isOurs({ key }: Pick<Job, "key">): boolean {
  return key !== undefined;
}

/** Whether it was in the queue when it was heard of last. */
export function isWaiting(state: JobState): boolean {
  return state.kind === "queued" || (state.kind === "unknown" && state.before?.kind === "queued");
}

/** Milliseconds until the time limit ends it; undefined where it does not run or has no limit. */
export function timeLeft({ kind, ...state }: JobState, now = Date.now()): number | undefined {
  const endsAt = kind === "running" && "endsAt" in state ? state.endsAt : undefined;
  return endsAt === undefined ? undefined : Math.max(0, endsAt - now);
}
