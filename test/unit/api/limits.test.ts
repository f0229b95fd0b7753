import { describe, expect, it } from "vitest";
import { createGate } from "../../../src/api/gate.js";
import { createRateLimit } from "../../../src/api/rateLimit.js";
import { selectLogs } from "../../../src/api/v05/logs.js";
import { Cancelled } from "../../../src/common/failure.js";

const never = new AbortController().signal;

describe("a gate", () => {
  it("lets a few in at once, keeps some waiting, refuses the rest; other places are free", async () => {
    const gate = createGate(2, 1);
    const ends: (() => void)[] = [];
    const enter = (place: string): Promise<void> =>
      gate.through(place, never, () => new Promise<void>((end) => ends.push(end)));
    const inside = [enter("a"), enter("a"), enter("a")];
    await expect(enter("a")).rejects.toMatchObject({ detail: { code: "too-much-waiting" } });
    const elsewhere = enter("b");
    await Promise.resolve();
    expect(ends).toHaveLength(3);
    while (ends.length > 0) {
      ends.pop()?.();
      await new Promise(setImmediate);
    }
    await Promise.all([...inside, elsewhere]);
    const again = enter("a");
    await new Promise(setImmediate);
    ends.pop()?.();
    await again;
  });

  it("forgets who has gone while waiting", async () => {
    const gate = createGate(1, 1);
    let end: () => void = () => undefined;
    const first = gate.through("a", never, () => new Promise<void>((done) => (end = done)));
    const gone = new AbortController();
    const second = gate.through("a", gone.signal, () => Promise.resolve());
    gone.abort();
    await expect(second).rejects.toBeInstanceOf(Cancelled);
    const third = gate.through("a", never, () => Promise.resolve("done"));
    end();
    await first;
    expect(await third).toBe("done");
  });
});

describe("a rate limit", () => {
  it("counts the last sixty seconds, and says how long to wait", () => {
    let now = 0;
    const limit = createRateLimit(() => now);
    expect([1, 2].map(() => limit.take("a", 2))).toEqual([undefined, undefined]);
    now = 20_500;
    expect(limit.take("a", 2)).toBe(40);
    expect(limit.take("b", 2)).toBeUndefined();
    now = 60_000;
    expect(limit.take("a", 2)).toBeUndefined();
  });
});

describe("the lines of a log", () => {
  const log = "INFO: one\nWARNING: two\n  of two\nERROR: three\nDEBUG: four\n";
  it.each([
    [undefined, 100, ["INFO: one", "WARNING: two", "  of two", "ERROR: three", "DEBUG: four"]],
    [undefined, 2, ["ERROR: three", "DEBUG: four"]],
    ["warning", 100, ["WARNING: two", "  of two", "ERROR: three"]],
    ["warn", 1, ["ERROR: three"]],
    ["nonsense", 1, ["DEBUG: four"]],
  ])("of level %s, at most %d", (level, lines, wanted) => {
    expect(selectLogs(log, lines, level)).toEqual(wanted);
    expect(selectLogs("", lines, level)).toEqual([]);
  });
});
