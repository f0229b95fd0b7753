import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBytes } from "../../../../src/common/text/bytes.js";
import { quoteForShell } from "../../../../src/common/text/quote.js";

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "'; touch x #",
    "$(touch x)",
    "`touch x`",
    "-rf",
    "a\nb",
    "\\",
    "'",
    "''",
    "!!",
    "~",
    "*",
    "",
    " ",
  ),
  fc.uint8Array({ min: 1, maxLength: 40 }).map((bytes) => String.fromCharCode(...bytes)),
);

describe("quoteForShell", () => {
  it("passes any words through a POSIX shell unchanged", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 30 }), (words) => {
        const sendable = words.map((word) => word.replaceAll("\0", "").replace(/[\ud800-\udfff]/g, ""));
        const script = `for word in ${sendable.map(quoteForShell).join(" ")}; do printf '%s\\0' "$word"; done`;
        const { stdout } = spawnSync("sh", ["-s"], { input: encodeBytes(script) });
        expect(stdout.toString("utf8").split("\0").slice(0, -1)).toEqual(sendable);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses a NUL", () => {
    expect(() => quoteForShell("a\0b")).toThrow(RangeError);
  });
});
