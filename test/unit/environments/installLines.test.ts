import { describe, expect, it } from "vitest";
import { createInstallLines } from "../../../src/environments/installLines.js";

const nonce = "3c0a4fc3cef5570357217bf7";

describe("the lines of an installation", () => {
  it("are pip's, without the marks that stand around a script's output, however it is cut", () => {
    const output = `<<${nonce}\nCollecting runicorn\r\n\r  Downloading\n\n${nonce}>>\n`;
    for (let size = 1; size < output.length; size += 1) {
      const take = createInstallLines();
      const lines: string[] = [];
      for (let at = 0; at < output.length; at += size) lines.push(...take(output.slice(at, at + size)));
      expect(lines).toEqual(["Collecting runicorn", "  Downloading"]);
    }
  });

  it("may look a little like those marks", () => {
    expect(createInstallLines()("<<EOF\nabc>>\n")).toEqual(["<<EOF", "abc>>"]);
  });
});
