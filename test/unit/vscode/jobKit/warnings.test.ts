import { describe, expect, it } from "vitest";
import { dueWarning } from "../../../../src/vscode/jobKit/warnings.js";

describe("the warning before the end of a job", () => {
  it("is due at ten minutes, and again at two", () => {
    const minutes = [60, 10.1, 10, 5, 2.1, 2, 0.1, 0, -1].map((left) => left * 60_000);
    expect(minutes.map(dueWarning)).toEqual([
      undefined,
      undefined,
      600_000,
      600_000,
      600_000,
      120_000,
      120_000,
      undefined,
      undefined,
    ]);
  });
});
