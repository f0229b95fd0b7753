import { describe, expect, it } from "vitest";
import { expectedText, leftText, spanText } from "../../../../src/messages/slurm/jobTimes.js";

const minute = 60;
const hour = 60 * minute;

describe("durations", () => {
  it("have at most two units, and are rounded down", () => {
    expect([-5, 0, 59, 60, 119, hour - 1, hour].map(spanText)).toEqual([
      "less than 1 min",
      "less than 1 min",
      "less than 1 min",
      "1 min",
      "1 min",
      "59 min",
      "1 h",
    ]);
    expect(spanText(hour + 12 * minute + 59)).toBe("1 h 12 min");
    expect(spanText(24 * hour - 1)).toBe("23 h 59 min");
    expect(spanText(24 * hour)).toBe("1 d");
    expect(spanText(49 * hour + 30 * minute)).toBe("2 d 1 h");
  });

  it("are counted from now", () => {
    const now = Date.now();
    expect(leftText(now + 72 * minute * 1_000, now)).toBe("1 h 10 min left");
    expect(leftText(now + 59 * minute * 1_000, now)).toBe("59 min left");
    expect(leftText(now - 1, now)).toBe("less than 1 min left");
  });
});

describe("the expected start", () => {
  const now = new Date(2026, 10, 30, 9, 5).getTime();
  const at = (day: number, hours: number, minutes: number, month = 10): string =>
    expectedText(new Date(2026, month, day, hours, minutes).getTime(), now, "en-GB");

  it("is a time today, a day this week, and a date later", () => {
    expect(at(30, 19, 23)).toBe("expected about 19:23");
    expect(at(31, 8, 0)).toBe("expected about Tue 08:00");
    expect(at(24, 8, 0, 11)).toBe("expected about 24 Dec, 8:00");
  });

  it("has its year where it is far away", () => {
    const far = new Date(9998, 0, 1).getTime();
    expect(expectedText(far, now, "en-GB")).toBe("expected about 1 Jan 9998, 0:00");
  });

  it("is no time that has passed", () => {
    expect(at(30, 9, 4)).toBe("expected at any moment");
  });
});
