/** A pause that can be cut short. */
export interface Waiter {
  /** Resolves after so many milliseconds, when woken, or when the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Ends the pause; where there is none, the next one does not begin. */
  wake(): void;
}

/** Milliseconds: a timer that is set to more fires at once. */
const longestTimer = 2 ** 31 - 1;

export function createWaiter(): Waiter {
  let end: (() => void) | undefined;
  let woken = false;
  return {
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (woken || signal.aborted) {
          woken = false;
          resolve();
          return;
        }
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", finish);
          end = undefined;
          woken = false;
          resolve();
        };
        const timer = setTimeout(finish, Math.min(milliseconds, longestTimer));
        signal.addEventListener("abort", finish, { once: true });
        end = finish;
      }),
    wake: () => {
      woken = true;
      end?.();
    },
  };
}
