import { expect, it } from "vitest";
import { createSharedWork } from "../../../../src/common/async/sharedWork.js";

/** Work that ends when it is told to, or given up. */
function work() {
  const signals: AbortSignal[] = [];
  const ends: ((value: string) => void)[] = [];
  const begin = (signal: AbortSignal): Promise<string> => {
    signals.push(signal);
    return new Promise((resolve, reject) => {
      ends.push(resolve);
      signal.addEventListener("abort", () => reject(new Error("given up")));
    });
  };
  return { signals, ends, begin };
}

it("is started once for concurrent callers", async () => {
  const shared = createSharedWork<string>();
  const { signals, ends, begin } = work();
  const both = [shared.join("a", begin), shared.join("a", begin)];
  const other = shared.join("b", begin);
  expect(signals).toHaveLength(2);
  ends[0]?.("done");
  ends[1]?.("other");
  expect(await Promise.all([...both, other])).toEqual(["done", "done", "other"]);
  void shared.join("a", begin);
  expect(signals).toHaveLength(3);
});

it("goes on for as long as one waits, and is given up with the last", async () => {
  const shared = createSharedWork<string>();
  const { signals, begin } = work();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [shared.join("a", begin, first.signal), shared.join("a", begin, second.signal)];
  first.abort();
  await expect(waiting[0]).rejects.toThrow("cancelled");
  expect(signals[0]?.aborted).toBe(false);
  second.abort();
  await expect(waiting[1]).rejects.toThrow("cancelled");
  expect(signals[0]?.aborted).toBe(true);
});

it("is started again for a caller after the cancel, even before it has ended", async () => {
  const shared = createSharedWork<string>();
  const slow = (): Promise<string> => new Promise(() => undefined);
  const gone = new AbortController();
  const left = shared.join("a", slow, gone.signal);
  gone.abort();
  await expect(left).rejects.toThrow("cancelled");
  expect(await shared.join("a", () => Promise.resolve("new"))).toBe("new");
});

it("rejects for all callers when everything is given up", async () => {
  const shared = createSharedWork<string>();
  const { begin } = work();
  const all = ["a", "a", "b"].map((key) => shared.join(key, begin));
  shared.giveUpAll();
  for (const one of all) await expect(one).rejects.toThrow("given up");
});
