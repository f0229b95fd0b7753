import { describe, expect, it } from "vitest";
import { pictureType } from "../../../../src/runs/images/pictureType.js";

describe("what kind of picture a file is", () => {
  it.each([
    ["89504e470d0a1a0a00", "image/png"],
    ["ffd8ffe0", "image/jpeg"],
    ["474946383961", "image/gif"],
    ["52494646000000005745425056503820", "image/webp"],
    ["424d0000", "image/bmp"],
    ["", undefined],
    ["89504e", undefined],
    [Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>").toString("hex"), undefined],
    [Buffer.from("RIFF0000WAVE").toString("hex"), undefined],
  ])("is told by its first bytes: %s", (hex, type) => {
    expect(pictureType(Buffer.from(hex, "hex"))).toBe(type);
  });
});
