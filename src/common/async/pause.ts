/** Milliseconds: a timer that is set to more fires at once. */
const longestTimer = 2 ** 31 - 1;

/** A sleep that can be woken, with a reason. */
export interface Waiter<Reason = void> {
  /**
   * Resolves to the reason with which it was woken; to undefined after so many milliseconds (undefined: only when woken)
   * and when the signal is aborted. Never rejects. One pause at a time.
   */
  wait(milliseconds: number | undefined, signal?: AbortSignal): Promise<Reason | undefined>;
  /** Ends the pause; where there is none, the next one does not begin. */
  wake(reason: Reason): void;
}

export function createWaiter<Reason = void>(): Waiter<Reason> {
  let end: ((reason?: Reason) => void) | undefined;
  let early: { readonly reason: Reason } | undefined;
  return {
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const woken = early;
        early = undefined;
        if (woken || signal?.aborted) {
          resolve(woken?.reason);
          return;
        }
        const finish = (reason?: Reason): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
          end = undefined;
          resolve(reason);
        };
        const onAbort = (): void => finish();
        const timer =
          milliseconds === undefined
            ? undefined
            : setTimeout(() => finish(), Math.min(milliseconds, longestTimer));
        signal?.addEventListener("abort", onAbort, { once: true });
        end = finish;
      }),
    wake: (reason) => {
      if (end) end(reason);
      else early = { reason };
    },
  };
}

/** Waits for this many milliseconds, or until the signal is aborted. Never rejects. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await createWaiter().wait(milliseconds, signal);
}

/** Resolves to undefined when the signal is aborted; at once when it is already. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return createWaiter<undefined>().wait(undefined, signal);
}
