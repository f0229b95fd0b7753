import { type RetryPolicy, retrySchedule, type RetrySchedule } from "../../common/async/retryPolicy.js";

/** How a lost host is retried: at once, then with exponential back-off; in the first minutes of an outage more often. */
export const hostRetryPolicy: RetryPolicy = {
  firstDelay: 200,
  base: 1_000,
  cap: 30_000,
  jitter: [0.5, 1],
  unreached: { cap: 5_000, tries: 100 },
};

/** @param random gives a number from 0 up to 1. */
export function reconnectPolicy(random: () => number = Math.random): RetrySchedule {
  return retrySchedule(hostRetryPolicy, random);
}
