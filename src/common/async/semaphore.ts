import { Cancelled } from "../failure.js";

/** Admits at most `limit` holders at once; the others wait in FIFO order. */
export interface Semaphore {
  /** @returns what must be called once to let the next one in. @throws Cancelled when aborted while waiting. */
  enter(signal?: AbortSignal): Promise<() => void>;
}

export function createSemaphore(limit: number): Semaphore {
  let free = limit;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  const onceOnly = (action: () => void): (() => void) => {
    let done = false;
    return () => {
      if (!done) action();
      done = true;
    };
  };
  return {
    enter: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(new Cancelled());
          return;
        }
        if (free > 0) {
          free -= 1;
          resolve(onceOnly(leave));
          return;
        }
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(new Cancelled());
        };
        const admit = (): void => {
          signal?.removeEventListener("abort", onAbort);
          resolve(onceOnly(leave));
        };
        waiting.push(admit);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}
