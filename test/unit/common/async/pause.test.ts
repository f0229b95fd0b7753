import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aborted, createWaiter, pause } from "../../../../src/common/async/pause.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Whether it has resolved by now. */
async function isOver(waiting: Promise<unknown>): Promise<boolean> {
  const no = Symbol();
  // Enough turns for what is over to be seen to be.
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  return (await Promise.race([waiting, Promise.resolve(no)])) !== no;
}

describe("a pause", () => {
  it("lasts as long as it was asked to", async () => {
    const waiting = pause(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(await isOver(waiting)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isOver(waiting)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends when the signal is aborted, and leaves no timer and no listener behind", async () => {
    const stop = new AbortController();
    const removed = vi.spyOn(stop.signal, "removeEventListener");
    const waiting = pause(1_000, stop.signal);
    stop.abort();
    expect(await isOver(waiting)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledOnce();
  });

  it("does not begin when the signal is aborted already", async () => {
    expect(await isOver(pause(1_000, AbortSignal.abort()))).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("may be longer than a timer can count", async () => {
    const waiting = pause(Number.MAX_SAFE_INTEGER);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(await isOver(waiting)).toBe(false);
  });
});

describe("a wakeable pause", () => {
  it("returns the reason of the wake-up, and undefined at its end", async () => {
    const waiter = createWaiter<"retry" | "person">();
    const woken = waiter.wait(1_000);
    waiter.wake("person");
    expect(await woken).toBe("person");
    const late = waiter.wait(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await late).toBeUndefined();
  });

  it("can wait without a time limit", async () => {
    const waiter = createWaiter();
    const waiting = waiter.wait(undefined);
    expect(vi.getTimerCount()).toBe(0);
    expect(await isOver(waiting)).toBe(false);
    waiter.wake();
    expect(await isOver(waiting)).toBe(true);
  });

  it("skips one pause if it was woken before", async () => {
    const waiter = createWaiter<number>();
    waiter.wake(1);
    waiter.wake(2);
    expect(await waiter.wait(1_000)).toBe(2);
    const next = waiter.wait(1_000);
    expect(await isOver(next)).toBe(false);
    waiter.wake(3);
    expect(await next).toBe(3);
  });
});

describe("aborted", () => {
  it("resolves with the signal, also with one that is aborted already", async () => {
    const stop = new AbortController();
    const waiting = aborted(stop.signal);
    expect(await isOver(waiting)).toBe(false);
    stop.abort();
    expect(await isOver(waiting)).toBe(true);
    expect(await isOver(aborted(stop.signal))).toBe(true);
  });
});
