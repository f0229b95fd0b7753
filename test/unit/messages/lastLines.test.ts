import { describe, expect, it } from "vitest";
import { words } from "../../../src/messages/failureWords.js";
import { inOneLine, lastLines, linesBelow } from "../../../src/messages/lastLines.js";

describe("the last lines of output", () => {
  it("are ten sanitized lines, however much there is", () => {
    const lines = lastLines(`${"x\n".repeat(1_000_000)}\tred \u001b[31m\r\n\n${"y".repeat(1_000)}\n`);
    expect(lines).toHaveLength(10);
    expect(lines.at(-2)).toBe("red \\x1b[31m");
    expect(lines.at(-1)).toBe(`${"y".repeat(300)}…`);
  });

  it("are not shown twice", () => {
    expect(
      linesBelow(words("It failed: no space left", "Make room.", { output: "no space left\n" })),
    ).toEqual([]);
    const more = words("It failed.", "Look.", { output: "first\nlast" });
    expect(linesBelow(more)).toEqual(["first", "last"]);
    expect(inOneLine(more)).toBe("It failed. Look. It printed: first; last");
    expect(inOneLine(words("It failed.", ""))).toBe("It failed.");
  });
});
