import { describe, expect, it } from "vitest";
import { createRateLimit } from "../../../../src/api/http/rateLimit.js";

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
