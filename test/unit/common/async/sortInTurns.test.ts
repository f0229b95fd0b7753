import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortInTurns } from "../../../../src/common/async/sortInTurns.js";

describe("sorting in turns", () => {
  it.each([0, 1, 2, 9_999, 10_000, 10_001, 20_000, 34_567])("sorts %d items stably", async (count) => {
    const [seed] = fc.sample(fc.infiniteStream(fc.nat(1_000)), 1);
    const items = Array.from({ length: count }, (_, place) => ({
      key: seed?.next().value as number,
      place,
    }));
    const compare = (a: (typeof items)[0], b: (typeof items)[0]): number => a.key - b.key;
    expect(await sortInTurns(items, compare)).toEqual([...items].sort(compare));
  });

  it("yields to the event loop", async () => {
    let turns = 0;
    let goesOn = true;
    const turn = (): void => {
      turns += 1;
      if (goesOn) setImmediate(turn);
    };
    setImmediate(turn);
    await sortInTurns(
      Array.from({ length: 100_000 }, (_, index) => -index),
      (a, b) => a - b,
    );
    goesOn = false;
    expect(turns).toBeGreaterThan(20);
  });
});
