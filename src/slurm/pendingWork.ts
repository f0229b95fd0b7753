import { within } from "../common/async/within.js";

/** Work that its callers may abandon, but that shutdown waits for. */
export interface PendingWork {
  /** Whether any is pending, or was when {@link settled} gave up. */
  readonly isUnsettled: boolean;
  /** Returns the promise that was given. */
  add<T>(work: Promise<T>): Promise<T>;
  /** Resolves when no work is pending, or after `limit` milliseconds. */
  settled(limit: number): Promise<void>;
}

export function createPendingWork(): PendingWork {
  const pending = new Set<Promise<unknown>>();
  let hasGivenUp = false;
  const all = async (): Promise<void> => {
    while (pending.size > 0) await Promise.all(pending);
  };
  return {
    get isUnsettled() {
      return hasGivenUp || pending.size > 0;
    },
    add: (work) => {
      const settled = work.catch(() => undefined).finally(() => pending.delete(settled));
      pending.add(settled);
      return work;
    },
    settled: async (limit) => {
      hasGivenUp = !(await within(all(), limit));
    },
  };
}
