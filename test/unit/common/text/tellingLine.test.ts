import { describe, expect, it } from "vitest";
import { tellingLine } from "../../../../src/common/text/tellingLine.js";

describe("the line that says why", () => {
  it.each([
    [
      "Fatal Python error: no filesystem encoding\nCurrent thread 0x1:\n<no Python frame>",
      "Fatal Python error: no filesystem encoding",
    ],
    ["Error: a\r\n  Error: b  \n\n", "Error: b"],
    ["Good morning\nGood bye\n", "Good bye"],
    [" \n", ""],
  ])("of %j", (output, line) => {
    expect(tellingLine(output)).toBe(line);
  });
});
