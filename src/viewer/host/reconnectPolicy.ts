import { type RetryPolicy, retrySchedule, type RetrySchedule } from "../../common/async/retryPolicy.js";

/** How a lost host is looked for: at once, then ever more rarely; often while it is not there at all, for some minutes. */
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
