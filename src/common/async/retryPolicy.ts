import type { Semaphore } from "./semaphore.js";

/** How often to retry. */
export interface RetryPolicy {
  /** Milliseconds at most before the first try, at random. */
  readonly firstDelay: number;
  /** Milliseconds before the second try; doubled before each further one. */
  readonly base: number;
  /** Maximum milliseconds between two attempts. */
  readonly cap: number;
  /**
   * Jitter: what each delay is multiplied by, at least and at most. Many clients that lost the same server must not all
   * come back in the same moment.
   */
  readonly jitter: readonly [number, number];
  /** The cap while nobody is reached at all, for so many tries: a server that starts again is soon there. */
  readonly unreached?: { readonly cap: number; readonly tries: number };
  /** Limits concurrent attempts of all who share it. */
  readonly gate?: Semaphore;
}

/** When the next try is due. An immutable value: `next` gives another one. */
export interface RetrySchedule {
  /** Milliseconds to wait before the try. */
  readonly delay: number;
  /** @param reachedNobody whether the try failed at once and without a trace on the other side. */
  next(reachedNobody?: boolean): RetrySchedule;
}

/** @param random gives a number from 0 up to 1. */
export function retrySchedule(policy: RetryPolicy, random: () => number = Math.random): RetrySchedule {
  const after = (tries: number, cap: number): RetrySchedule => {
    const ceiling = Math.min(cap, policy.base * 2 ** Math.min(tries - 1, 16));
    const [least, most] = policy.jitter;
    return {
      delay: tries === 0 ? random() * policy.firstDelay : ceiling * (least + random() * (most - least)),
      next: (reachedNobody = false) => {
        const { unreached } = policy;
        const isEarly = reachedNobody && unreached !== undefined && tries < unreached.tries;
        return after(tries + 1, isEarly ? unreached.cap : policy.cap);
      },
    };
  };
  return after(0, policy.cap);
}
