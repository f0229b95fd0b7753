import { orCancelled } from "../failure.js";

/** Work that several callers may wait for: the first one begins it, and it is given up when the last has gone. */
export interface SharedWork<T> {
  /**
   * Waits for the work under way for this key, or begins it.
   * @throws what the work throws, or Cancelled when `signal` is aborted.
   */
  join(key: string, begin: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Gives up all that is under way. */
  giveUpAll(): void;
}

interface Shared<T> {
  readonly work: Promise<T>;
  readonly giveUp: AbortController;
  waiting: number;
}

export function createSharedWork<T>(): SharedWork<T> {
  const underWay = new Map<string, Shared<T>>();

  const forget = (key: string, shared: Shared<T>): void => {
    if (underWay.get(key) === shared) underWay.delete(key);
  };

  const start = (key: string, begin: (signal: AbortSignal) => Promise<T>): Shared<T> => {
    const giveUp = new AbortController();
    const shared: Shared<T> = { work: begin(giveUp.signal), giveUp, waiting: 0 };
    underWay.set(key, shared);
    // Those who wait hear of a failure; where the last one has left, nobody needs to.
    shared.work.catch(() => undefined).finally(() => forget(key, shared));
    return shared;
  };

  return {
    join: async (key, begin, signal) => {
      const shared = underWay.get(key) ?? start(key, begin);
      shared.waiting += 1;
      try {
        return await orCancelled(shared.work, signal);
      } finally {
        shared.waiting -= 1;
        if (shared.waiting === 0) {
          // Whoever comes next begins anew.
          forget(key, shared);
          shared.giveUp.abort();
        }
      }
    },
    giveUpAll: () => {
      for (const { giveUp } of underWay.values()) giveUp.abort();
    },
  };
}
