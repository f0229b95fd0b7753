import type { Disposable } from "./disposable.js";

/** Debounced work: runs once for calls that come together. */
export interface Gathering extends Disposable {
  readonly call: () => void;
}

/**
 * Does `work` soon after the first call, once for all of that turn; then for all calls of the next `calm` milliseconds at
 * their end. A last call is never without its work, unless it was disposed of.
 */
export function gather(calm: number, work: () => void): Gathering {
  let timer: NodeJS.Timeout | undefined;
  let calmUntil = -Infinity;
  return {
    call: () => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          calmUntil = performance.now() + calm;
          work();
        },
        Math.max(0, calmUntil - performance.now()),
      );
    },
    dispose: () => clearTimeout(timer),
  };
}
