import { createSerialQueue } from "../../common/async/serialQueue.js";
import { throwIfCancelled } from "../../common/failure.js";

/** Runs the operations of one session one at a time. */
export interface Turns {
  /**
   * Runs when everything asked for before has ended.
   * @throws what `work` throws, or Cancelled when it was interrupted before its turn.
   */
  next<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Aborts what `next` was given and has not ended, then runs; cannot be interrupted itself. */
  interrupt<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const unfinished = new Set<AbortController>();
  const queue = createSerialQueue();
  return {
    next: (work) => {
      const own = new AbortController();
      unfinished.add(own);
      return queue.add(async () => {
        try {
          throwIfCancelled(own.signal);
          return await work(own.signal);
        } finally {
          unfinished.delete(own);
        }
      });
    },
    interrupt: (work) => {
      for (const own of unfinished) own.abort();
      return queue.add(work);
    },
  };
}
