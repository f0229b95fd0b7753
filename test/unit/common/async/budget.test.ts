import { describe, expect, it } from "vitest";
import { createBudget, readWithin } from "../../../../src/common/async/budget.js";
import { Failure } from "../../../../src/common/failure.js";

const tooMuch = { code: "too-much", limit: 10 } as const;

describe("a budget", () => {
  it("is spent up to its limit, and not beyond", () => {
    const budget = createBudget(10, tooMuch);
    budget.spend(4);
    expect(budget.left).toBe(6);
    budget.spend(6);
    expect(budget.left).toBe(0);
    budget.spend(0);
    const error = ((): unknown => {
      try {
        budget.spend(1);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).detail).toEqual(tooMuch);
    expect(budget.left).toBe(0);
    expect(() => budget.spend(0)).toThrow(Failure);
  });
});

describe("a stream with a budget", () => {
  /** Says how much of it was read, and whether its reader let go of it. */
  function endless(size: number) {
    const seen = { chunks: 0, ended: false };
    async function* chunks(): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          seen.chunks += 1;
          yield await Promise.resolve(Buffer.alloc(size, "a"));
        }
      } finally {
        seen.ended = true;
      }
    }
    return { stream: chunks(), seen };
  }

  it("is read whole when it is small enough", async () => {
    async function* two(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from("one "));
      yield Buffer.from("two");
    }
    expect((await readWithin(two(), createBudget(7, tooMuch))).toString()).toBe("one two");
  });

  it("is ended with the first chunk that is too much", async () => {
    const { stream, seen } = endless(4);
    await expect(readWithin(stream, createBudget(10, tooMuch))).rejects.toThrow("too-much");
    expect(seen).toEqual({ chunks: 3, ended: true });
  });
});
