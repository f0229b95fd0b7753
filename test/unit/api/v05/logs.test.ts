import { describe, expect, it } from "vitest";
import { selectLogs } from "../../../../src/api/v05/logs.js";

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
