import { describe, expect, it } from "vitest";
import { Cancelled } from "../../../../src/common/failure.js";
import { createTurns } from "../../../../src/viewer/session/turns.js";

/** Work that ends when the test says so. */
function held() {
  let end: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (end = resolve));
  return { until, end };
}

describe("turns", () => {
  it("run one at a time, even after a failure", async () => {
    const turns = createTurns();
    const seen: string[] = [];
    const first = held();
    const work = [
      turns.next(async () => {
        await first.until;
        seen.push("first");
        throw new Error("it fails");
      }),
      turns.next(() => Promise.resolve(seen.push("second"))),
    ];
    await new Promise(setImmediate);
    expect(seen).toEqual([]);
    first.end();
    expect((await Promise.allSettled(work)).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(seen).toEqual(["first", "second"]);
  });

  it("are cut short by an interruption, which waits for the end of what is under way", async () => {
    const turns = createTurns();
    const seen: string[] = [];
    const first = held();
    const underWay = turns.next(async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await first.until;
      seen.push("cleaned up");
    });
    const waiting = turns.next(() => Promise.resolve(seen.push("never")));
    waiting.catch(() => undefined);
    await new Promise(setImmediate);
    const interruption = turns.interrupt(() => Promise.resolve(seen.push("interruption")));
    await new Promise(setImmediate);
    expect(seen).toEqual([]);
    first.end();
    await Promise.all([underWay, interruption]);
    await expect(waiting).rejects.toBeInstanceOf(Cancelled);
    expect(seen).toEqual(["cleaned up", "interruption"]);
  });

  it("that interrupt are not interrupted themselves", async () => {
    const turns = createTurns();
    const seen: string[] = [];
    await Promise.all([
      turns.interrupt(() => Promise.resolve(seen.push("stop"))),
      turns.interrupt(() => Promise.resolve(seen.push("leave"))),
    ]);
    expect(seen).toEqual(["stop", "leave"]);
  });
});
