import { expect, it } from "vitest";
import { reconnectPolicy, type ReconnectPolicy } from "../../../src/viewer/reconnectPolicy.js";

function delays(random: () => number, count: number): number[] {
  const found: number[] = [];
  let policy: ReconnectPolicy = reconnectPolicy(random);
  for (let index = 0; index < count; index += 1) {
    found.push(policy.delay);
    policy = policy.next();
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
  let policy = reconnectPolicy(() => 1);
  for (let tries = 0; tries < 100; tries += 1) policy = policy.next(true);
  expect(policy.delay).toBe(5_000);
  expect(policy.next(false).delay).toBe(30_000);
  expect(policy.next(true).delay).toBe(30_000);
});

it("is a value: asking for the next one changes nothing", () => {
  const policy = reconnectPolicy(() => 0.5);
  policy.next();
  expect(policy.delay).toBe(100);
});
