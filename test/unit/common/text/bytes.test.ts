import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBytes, encodeBytes } from "../../../../src/common/text/bytes.js";

describe("decodeBytes and encodeBytes", () => {
  it("give back any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(Buffer.from(encodeBytes(decodeBytes(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("give back any bytes through JSON", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const travelled = JSON.parse(JSON.stringify(decodeBytes(bytes))) as string;
        expect(Buffer.from(encodeBytes(travelled))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("leave valid UTF-8 as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const bytes = Buffer.from(text, "utf8");
        expect(decodeBytes(bytes)).toBe(bytes.toString("utf8"));
      }),
    );
  });

  it.each([
    ["GBK", Buffer.from([0xd6, 0xd0, 0xce, 0xc4]), "\udcd6\udcd0\udcce\udcc4"],
    ["Latin-1 among ASCII", Buffer.from("caf\xe9/x", "latin1"), "caf\udce9/x"],
    ["a sequence cut short", Buffer.from([0x61, 0xe4, 0xb8]), "a\udce4\udcb8"],
    ["an encoded surrogate", Buffer.from([0xed, 0xb2, 0x80]), "\udced\udcb2\udc80"],
    ["an overlong slash", Buffer.from([0xc0, 0xaf]), "\udcc0\udcaf"],
    ["a byte order mark", Buffer.from([0xef, 0xbb, 0xbf, 0x61]), "\ufeffa"],
    ["valid text after a bad byte", Buffer.from([0xff, 0xe4, 0xb8, 0xad]), "\udcff中"],
  ])("decode %s", (_name, bytes, text) => {
    expect(decodeBytes(bytes)).toBe(text);
    expect(Buffer.from(encodeBytes(text))).toEqual(bytes);
  });
});
