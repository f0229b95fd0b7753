import { describe, expect, it } from "vitest";
import { createSerialQueue } from "../../../../src/common/async/serialQueue.js";

describe("a serial queue", () => {
  it("begins each piece of work when the one before has settled, in the order in which they were added", async () => {
    const queue = createSerialQueue();
    const seen: string[] = [];
    let letGo: () => void = () => undefined;
    const first = queue.add(async () => {
      seen.push("first begins");
      await new Promise<void>((resolve) => (letGo = resolve));
      seen.push("first ends");
      return 1;
    });
    const second = queue.add(() => {
      seen.push("second");
      return 2;
    });
    await Promise.resolve();
    expect(seen).toEqual(["first begins"]);
    letGo();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(seen).toEqual(["first begins", "first ends", "second"]);
  });

  it("goes on after a failure, which only whoever added the work hears of", async () => {
    const queue = createSerialQueue();
    const rejected = queue.add(() => Promise.reject(new Error("a disk is full")));
    const thrown = queue.add(() => {
      throw new Error("a mistake");
    });
    const next = queue.add(() => "done");
    await expect(rejected).rejects.toThrow("a disk is full");
    await expect(thrown).rejects.toThrow("a mistake");
    expect(await next).toBe("done");
  });

  it("has settled when all that was added so far has, failed or not", async () => {
    const queue = createSerialQueue();
    let ended = 0;
    expect(queue.isIdle).toBe(true);
    const all = [1, 2, 3].map((number) =>
      queue.add(async () => {
        await Promise.resolve();
        ended += 1;
        if (number === 2) throw new Error("no");
      }),
    );
    expect(queue.isIdle).toBe(false);
    const outcomes = Promise.allSettled(all);
    await queue.settled();
    expect(ended).toBe(3);
    expect(queue.isIdle).toBe(true);
    expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});
