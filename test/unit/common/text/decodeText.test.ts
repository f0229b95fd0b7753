import { describe, expect, it } from "vitest";
import { decodeText } from "../../../../src/common/text/decodeText.js";

const bigEndian = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

describe("the text of a file", () => {
  it.each([
    ["UTF-8", Buffer.from("naïve 中文")],
    ["UTF-8 with its mark", Buffer.from("\ufeffnaïve 中文")],
    ["UTF-16, little end first", Buffer.from("\ufeffnaïve 中文", "utf16le")],
    ["UTF-16, big end first", bigEndian("\ufeffnaïve 中文")],
  ])("is read from %s", (_name, bytes) => {
    expect(decodeText(bytes)).toBe("naïve 中文");
  });

  it("may be empty, or shorter than a mark", () => {
    expect(decodeText(Buffer.alloc(0))).toBe("");
    expect(decodeText(Buffer.from("a"))).toBe("a");
  });
});
