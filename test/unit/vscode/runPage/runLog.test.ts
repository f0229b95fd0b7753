import { describe, expect, it } from "vitest";
import { linesIn } from "../../../../src/vscode/runPage/runLog.js";

describe("the end of a log", () => {
  it("is lines fit for a screen: the last state of a progress bar, and no colours", () => {
    const text = "start\r\n10 %\r50 %\r100 %\n\u001b[31mred\u001b[0m\ttext\n\u001b[2J\u202e\nno end";
    expect(linesIn({ text, isCut: false })).toEqual({
      lines: ["start", "100 %", "red    text", "\\x1b[2J\\u{202e}", "no end"],
      note: "",
    });
  });

  it("begins with a whole line, and says that there is more", () => {
    expect(linesIn({ text: "half\nwhole\n", isCut: true })).toEqual({
      lines: ["whole"],
      note: "The last 1 lines.",
    });
    const many = linesIn({ text: `${"x".repeat(5_000)}\n`.repeat(600), isCut: false });
    expect([many.lines.length, many.lines[0]?.length, many.note]).toEqual([
      500,
      2_000,
      "The last 500 lines.",
    ]);
    expect(linesIn({ text: "", isCut: false })).toEqual({ lines: [], note: "" });
  });
});
