import { describe, expect, it } from "vitest";
import { createGate } from "../../../../src/api/services/gate.js";
import { Cancelled } from "../../../../src/common/failure.js";

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

  it("frees the place of a cancelled waiter", async () => {
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
