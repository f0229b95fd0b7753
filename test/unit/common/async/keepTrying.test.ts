import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  keepTrying,
  type RetryVerdict,
  type RetryWait,
  type Trying,
} from "../../../../src/common/async/keepTrying.js";
import type { RetryPolicy } from "../../../../src/common/async/retryPolicy.js";
import { createSemaphore } from "../../../../src/common/async/semaphore.js";

const policy: RetryPolicy = { firstDelay: 0, base: 1_000, cap: 4_000, jitter: [1, 1] };

let verdict: RetryVerdict;
let tries: boolean[];
let waits: RetryWait[];
let stop: AbortController;
/** What the next try does. */
let door: () => Promise<string>;
beforeEach(() => {
  vi.useFakeTimers();
  [verdict, tries, waits, stop] = ["later", [], [], new AbortController()];
  door = () => Promise.reject(new Error("shut"));
});
afterEach(() => vi.useRealTimers());

function start(more: { readonly policy?: RetryPolicy; readonly lostBy?: unknown } = {}): Trying<string> {
  const trying = keepTrying({
    policy,
    open: (attended) => {
      tries.push(attended);
      return door();
    },
    judge: () => verdict,
    onWait: (wait) => waits.push(wait),
    signal: stop.signal,
    ...more,
  });
  trying.opened.catch(() => undefined);
  return trying;
}
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe("a retry loop", () => {
  it("tries at once, then backs off", async () => {
    const trying = start();
    await pass(0);
    expect(tries).toHaveLength(1);
    for (const [milliseconds, count] of [
      [999, 1],
      [1, 2],
      [2_000, 3],
      [4_000, 4],
      [4_000, 5],
    ] as const) {
      await pass(milliseconds);
      expect(tries).toHaveLength(count);
    }
    door = () => Promise.resolve("open");
    await pass(4_000);
    expect(await trying.opened).toBe("open");
    expect(waits.map(({ kind }) => kind).slice(-4)).toEqual(["until", "trying", "until", "trying"]);
  });

  it("waits first if the connection was just lost", async () => {
    const lostBy = new Error("lost");
    start({ lostBy });
    expect(waits).toEqual([{ kind: "until", at: Date.now() + 1_000, error: lostBy }]);
    await pass(999);
    expect(tries).toEqual([]);
  });

  it("tries more often for a while if nobody was reached", async () => {
    verdict = "soon";
    start({ policy: { ...policy, unreached: { cap: 500, tries: 2 } } });
    await pass(0);
    await pass(500);
    await pass(500);
    expect(tries).toHaveLength(3);
    await pass(3_999);
    expect(tries).toHaveLength(3);
    await pass(1);
    expect(tries).toHaveLength(4);
  });

  it("can be woken, and retried by a user who may be asked", async () => {
    const trying = start();
    await pass(0);
    trying.tryNow();
    await pass(0);
    trying.retry(true);
    await pass(0);
    expect(tries).toEqual([false, false, true]);
  });

  it("stops after a permanent failure until the user retries", async () => {
    verdict = "not-unasked";
    const trying = start();
    await pass(0);
    expect(waits.at(-1)).toMatchObject({ kind: "held", error: { message: "shut" } });
    trying.tryNow();
    await pass(1_000_000);
    expect(tries).toEqual([false]);
    door = () => Promise.resolve("open");
    trying.retry(true);
    await pass(0);
    expect(tries).toEqual([false, true]);
    expect(await trying.opened).toBe("open");
  });

  it("does not try again for a wish that came during an attempt", async () => {
    let fail: (error: Error) => void = () => undefined;
    door = () => new Promise((_, reject) => (fail = reject));
    const trying = start();
    await pass(0);
    trying.retry(true);
    fail(new Error("shut"));
    await pass(0);
    expect(tries).toEqual([false]);
  });

  it("limits concurrent attempts through a semaphore", async () => {
    const gated = { ...policy, gate: createSemaphore(2) };
    let underWay = 0;
    door = () => {
      underWay += 1;
      return new Promise(() => undefined);
    };
    for (let times = 0; times < 5; times += 1) start({ policy: gated });
    await pass(0);
    expect(underWay).toBe(2);
  });

  it("ends when it is disposed, whatever it waits for", async () => {
    for (const state of ["until", "held", "trying"] as const) {
      stop = new AbortController();
      verdict = state === "held" ? "not-unasked" : "later";
      door =
        state === "trying"
          ? () => new Promise((_, reject) => stop.signal.addEventListener("abort", reject))
          : door;
      const trying = start();
      await pass(0);
      expect(waits.at(-1)?.kind).toBe(state);
      stop.abort();
      await expect(trying.opened).rejects.toThrow("cancelled");
    }
  });
});
