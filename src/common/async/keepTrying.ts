import { throwIfCancelled } from "../failure.js";
import { createWaiter } from "./pause.js";
import { type RetryPolicy, retrySchedule } from "./retryPolicy.js";

/** When to retry after a failed attempt. */
export type RetryVerdict =
  | "later"
  /** Nobody was reached: retry more often for a while. */
  | "soon"
  /** Retry only on request: another attempt would do harm or be pointless. */
  | "not-unasked";

/** What happens between two tries. `error` is what the last one, or the loss before it, threw. */
export type RetryWait =
  /** The next try is due, in milliseconds since the epoch. */
  | { readonly kind: "until"; readonly at: number; readonly error: unknown }
  | { readonly kind: "trying" }
  /** Nothing is tried until somebody wants it. */
  | { readonly kind: "held"; readonly error: unknown };

export interface TryOptions<T> {
  readonly policy: RetryPolicy;
  /** @param attended whether a person waits for this try and may be asked. */
  readonly open: (attended: boolean) => Promise<T>;
  readonly judge: (error: unknown) => RetryVerdict;
  readonly onWait: (wait: RetryWait) => void;
  readonly signal: AbortSignal;
  /** Why what was open is lost: the first try then waits as after a failure. Default: it comes at once. */
  readonly lostBy?: unknown;
}

/** A retry loop. */
export interface Trying<T> {
  /** @throws Cancelled when the signal is aborted. */
  readonly opened: Promise<T>;
  /** The user wants it now: ends any wait. */
  retry(attended: boolean): void;
  /** Ends a back-off early. A wait for the user goes on. */
  tryNow(): void;
}

/** The only reconnect loop: back-off with jitter, a limit on concurrent attempts, and a way to wake it. */
export function keepTrying<T>(options: TryOptions<T>): Trying<T> {
  const { policy, judge, onWait, signal } = options;
  /** Woken with whether the next try is attended. */
  const waiter = createWaiter<boolean>();
  let wait: RetryWait["kind"] = "trying";
  const tell = (next: RetryWait): void => {
    wait = next.kind;
    onWait(next);
  };

  const tryOnce = async (attended: boolean): Promise<T> => {
    const leave = await policy.gate?.enter(signal);
    try {
      return await options.open(attended);
    } finally {
      leave?.();
    }
  };

  const run = async (): Promise<T> => {
    let attended = false;
    let error: unknown = options.lostBy;
    let schedule = retrySchedule(policy);
    if (error !== undefined) schedule = schedule.next();
    for (;;) {
      tell({ kind: "until", at: Date.now() + schedule.delay, error });
      attended = (await waiter.wait(schedule.delay, signal)) ?? attended;
      throwIfCancelled(signal);
      tell({ kind: "trying" });
      try {
        return await tryOnce(attended);
      } catch (caught) {
        throwIfCancelled(signal);
        error = caught;
      }
      const verdict = judge(error);
      schedule = schedule.next(verdict === "soon");
      attended = false;
      if (verdict !== "not-unasked") continue;
      tell({ kind: "held", error });
      attended = (await waiter.wait(undefined, signal)) ?? false;
      throwIfCancelled(signal);
      schedule = retrySchedule({ ...policy, firstDelay: 0 });
    }
  };

  return {
    opened: run(),
    retry: (attended) => {
      if (wait !== "trying") waiter.wake(attended);
    },
    tryNow: () => {
      if (wait === "until") waiter.wake(false);
    },
  };
}
