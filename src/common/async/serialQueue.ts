/** Runs one piece of work after the other, in the order in which they were added. */
export interface SerialQueue {
  /**
   * Begins `work` when all that was added before has settled.
   * @returns settles as `work` does; a failure does not keep the next one from running.
   */
  add<T>(work: () => T | Promise<T>): Promise<T>;
  /** Resolves when all that was added so far has settled. Never rejects. */
  settled(): Promise<void>;
  /** Whether nothing runs and nothing waits. */
  readonly isIdle: boolean;
}

export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  let unsettled = 0;
  return {
    add: (work) => {
      unsettled += 1;
      const mine = last.then(work);
      last = mine
        .catch(() => undefined)
        .then(() => {
          unsettled -= 1;
        });
      return mine;
    },
    settled: async () => {
      await last;
    },
    get isIdle() {
      return unsettled === 0;
    },
  };
}
