import { describe, expect, it } from "vitest";
import {
  memoryInput,
  readCount,
  readMemory,
  readTime,
  timeInput,
} from "../../../../src/vscode/slurm/amounts.js";

describe("a time limit that is typed", () => {
  it.each([
    ["90", 90],
    ["90 min", 90],
    ["2h", 120],
    [" 2 Hours ", 120],
    ["1.5 h", 90],
    ["1 d 12 h", 36 * 60],
    ["1d12h30m", 36 * 60 + 30],
    ["2:00:00", 120],
    ["0:30:30", 31],
    ["90:00", 90],
    ["1-0", 24 * 60],
    ["1-12", 36 * 60],
    ["1-12:30", 36 * 60 + 30],
    ["1-12:30:30", 36 * 60 + 31],
    ["365 d", 365 * 24 * 60],
  ])("%s", (text, minutes) => {
    expect(readTime(text)).toBe(minutes);
  });

  it.each([
    "",
    "0",
    "0 h",
    "-5",
    "soon",
    "2 h then",
    "1:2:3:4",
    "h",
    "400 d",
    "99999999",
    "1-",
    "2h --gres=gpu:8",
  ])("is not %j", (text) => {
    expect(readTime(text)).toBeUndefined();
  });

  it("is shown as it can be typed again", () => {
    for (const minutes of [1, 59, 60, 90, 120, 1439, 1440, 2190, 10_080])
      expect(readTime(timeInput(minutes))).toBe(minutes);
    expect([timeInput(120), timeInput(2190)]).toEqual(["2 h", "1 d 12 h 30 min"]);
  });
});

describe("memory that is typed", () => {
  it.each([
    ["512", 512],
    ["512M", 512],
    ["512 MB", 512],
    ["4G", 4096],
    ["4 gb", 4096],
    ["1.5GiB", 1536],
    ["1T", 1024 * 1024],
    ["2048K", 2],
  ])("%s", (text, size) => {
    expect(readMemory(text)).toBe(size);
  });

  it.each(["", "0", "much", "4 GG", "-1", "1e9", "9999 T", "4G --x"])("is not %j", (text) => {
    expect(readMemory(text)).toBeUndefined();
  });

  it("is shown as it can be typed again", () => {
    for (const size of [1, 512, 1024, 1536, 65_536]) expect(readMemory(memoryInput(size))).toBe(size);
  });
});

it("takes whole numbers within bounds only", () => {
  expect([readCount("4", 1, 64), readCount(" 0 ", 0, 8)]).toEqual([4, 0]);
  expect(["", "0", "65", "1.5", "x"].map((text) => readCount(text, 1, 64))).toEqual(Array(5).fill(undefined));
});
