import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gather } from "../../../../src/common/async/gather.js";

describe("work for calls that come together", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is done once, and soon, for calls in the same turn", () => {
    const work = vi.fn();
    const gathering = gather(100, work);
    for (let count = 0; count < 500; count += 1) gathering.call();
    expect(work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it("is done eleven times for 500 calls in a second, the last of them after the last call", () => {
    let calls = 0;
    const seen: number[] = [];
    const gathering = gather(100, () => seen.push(calls));
    while (calls < 500) {
      calls += 1;
      gathering.call();
      vi.advanceTimersByTime(2);
    }
    vi.advanceTimersByTime(100);
    expect(seen.length).toBeLessThanOrEqual(11);
    expect(seen.at(-1)).toBe(500);
  });

  it("is done soon again after a calm", () => {
    const work = vi.fn();
    const gathering = gather(100, work);
    gathering.call();
    vi.advanceTimersByTime(200);
    gathering.call();
    vi.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("is not done any more once it was disposed of", () => {
    const work = vi.fn();
    const gathering = gather(100, work);
    gathering.call();
    gathering.dispose();
    vi.advanceTimersByTime(1_000);
    expect(work).not.toHaveBeenCalled();
  });
});
