import { describe, expect, it } from "vitest";
import { fuzz } from "../../fuzz/fuzz.js";

describe("generated requests", () => {
  it(
    "make no mistake of ours come out, and no secret (more of them: npm run test:fuzz)",
    { timeout: 120_000 },
    async () => {
      const report = await fuzz(3_000, Date.now() % 1_000_000);
      expect(report.faults, `seed ${report.seed}`).toEqual([]);
      expect(report.requests).toBe(3_000);
      expect(report.statuses["200"]).toBeGreaterThan(100);
    },
  );
});
