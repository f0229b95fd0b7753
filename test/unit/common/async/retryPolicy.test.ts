import { expect, it } from "vitest";
import { type RetryPolicy, retrySchedule } from "../../../../src/common/async/retryPolicy.js";

const policy: RetryPolicy = {
  firstDelay: 200,
  base: 1_000,
  cap: 30_000,
  jitter: [0.5, 1],
  unreached: { cap: 5_000, tries: 100 },
};

function delays(random: () => number, count: number): number[] {
  const found: number[] = [];
  let schedule = retrySchedule(policy, random);
  for (let index = 0; index < count; index += 1) {
    found.push(schedule.delay);
    schedule = schedule.next();
  }
  return found;
}

it("tries at once, then more and more rarely, and at least every thirty seconds", () => {
  expect(delays(() => 1, 9)).toEqual([200, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(delays(() => 0, 9)).toEqual([0, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

it("spreads those that lost the same host in the same moment", () => {
  const third = Array.from({ length: 200 }, () => delays(Math.random, 3)[2] ?? 0);
  expect(Math.max(...third) - Math.min(...third)).toBeGreaterThan(500);
});

it("tries more often for a few minutes where nobody was reached: a host that starts again is soon there", () => {
  let schedule = retrySchedule(policy, () => 1);
  for (let tries = 0; tries < 100; tries += 1) schedule = schedule.next(true);
  expect(schedule.delay).toBe(5_000);
  expect(schedule.next(false).delay).toBe(30_000);
  expect(schedule.next(true).delay).toBe(30_000);
});

it("is a value: asking for the next one changes nothing", () => {
  const schedule = retrySchedule(policy, () => 0.5);
  schedule.next();
  expect(schedule.delay).toBe(100);
});

it("can have a constant delay with 20 % jitter", () => {
  const steady: RetryPolicy = { firstDelay: 0, base: 5_000, cap: 5_000, jitter: [0.8, 1.2] };
  const least = retrySchedule(steady, () => 0);
  expect([least.delay, least.next().delay, least.next().next().delay]).toEqual([0, 4_000, 4_000]);
  expect(retrySchedule(steady, () => 1).next().delay).toBe(6_000);
});
