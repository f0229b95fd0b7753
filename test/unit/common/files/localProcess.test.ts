import { describe, expect, it } from "vitest";
import { parseElapsed, processAge } from "../../../../src/common/files/localProcess.js";

describe("the age of a process", () => {
  it.each([
    ["      00:07\n", 7],
    ["01:02", 62],
    ["10:00:00", 36_000],
    ["1-00:00:01", 86_401],
    ["123-23:59:59", 123 * 86_400 + 86_399],
  ])("is read from what ps says: %j", (text, seconds) => {
    expect(parseElapsed(text)).toBe(seconds * 1_000);
  });

  it.each(["", "ELAPSED", "7", "1:2:3:4", "-1:00"])("is not read from %j", (text) => {
    expect(parseElapsed(text)).toBeUndefined();
  });

  it("is told of this process, and not of one that does not exist", async () => {
    const age = (await processAge(process.pid)) ?? NaN;
    expect(Math.abs(age - process.uptime() * 1_000)).toBeLessThan(5_000);
    expect(await processAge(2 ** 22 + 1)).toBeUndefined();
  });
});
