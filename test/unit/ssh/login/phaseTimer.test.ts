import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPhaseTimer } from "../../../../src/ssh/login/phaseTimer.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("stands still while a person is asked, and then gives the phase its whole time again", async () => {
  const timeouts: number[] = [];
  const timer = createPhaseTimer((limit) => timeouts.push(limit));
  timer.start(1_000);
  let answer: () => void = () => undefined;
  const question = timer.paused(() => new Promise<void>((resolve) => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1000);
  expect(timeouts).toEqual([]);
  answer();
  await question;
  await vi.advanceTimersByTimeAsync(999);
  expect(timeouts).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(timeouts).toEqual([1_000]);
});

it("stays stopped when a question ends after that", async () => {
  const timer = createPhaseTimer(() => expect.unreachable());
  timer.start(1_000);
  let answer: () => void = () => undefined;
  const question = timer.paused(() => new Promise<void>((resolve) => (answer = resolve)));
  timer.stop();
  answer();
  await question;
  expect(vi.getTimerCount()).toBe(0);
});
