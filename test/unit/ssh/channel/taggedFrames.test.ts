import { randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  encodeTaggedFrame,
  ForeignFrame,
  type TaggedFrame,
  TaggedFrameDecoder,
} from "../../../../src/ssh/channel/taggedFrames.js";

const mostOfData = 64 * 1024;
const kinds = { A: 0, D: mostOfData, E: 0, W: 4, C: 1024 } as const;
type FrameKind = keyof typeof kinds;
type Frame = TaggedFrame<typeof kinds>;
const tag = Buffer.from("0123456789abcdef");

function decode(bytes: Buffer, length: () => number): Frame[] {
  const decoder = new TaggedFrameDecoder(tag, kinds);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + length();
    decoder.feed(bytes.subarray(at, end), (frame) => frames.push(frame));
    at = end;
  }
  return frames;
}

const sent: readonly [FrameKind, number, Buffer][] = [
  ["A", 1, Buffer.alloc(0)],
  ["D", 1, randomBytes(mostOfData)],
  ["D", 0xffffffff, randomBytes(1)],
  ["W", 7, Buffer.from([0, 0, 1, 0])],
  ["D", 2, randomBytes(mostOfData - 1)],
  ["E", 1, Buffer.alloc(0)],
  ["C", 1, Buffer.from("ENOENT No such file or directory")],
];
const wire = Buffer.concat(sent.map(([kind, id, payload]) => encodeTaggedFrame(kind, id, payload, tag)));

describe("frames", () => {
  it.each([
    ["one byte", () => 1],
    ["7 bytes", () => 7],
    ["32 KiB", () => 32_768],
    ["all", () => wire.length],
    ["any number of bytes", () => randomInt(1, 100_000)],
  ])("are read in pieces of %s", (_what, length) => {
    const got = decode(wire, length);
    expect(got.map(({ kind, id, payload }) => [kind, id, payload.toString("hex")])).toEqual(
      sent.map(([kind, id, payload]) => [kind, id, payload.toString("hex")]),
    );
  });

  const head = (kind: string, id: number, length: number): Buffer => {
    const bytes = Buffer.alloc(9);
    bytes.write(kind, "latin1");
    bytes.writeUInt32BE(id, 1);
    bytes.writeUInt32BE(length, 5);
    return bytes;
  };
  it.each([
    ["of an unknown kind", head("X", 1, 0), /no frame/],
    ["whose kind is a word of JavaScript's objects", head("_", 1, 0), /no frame/],
    ["longer than any", head("D", 1, mostOfData + 1), /65537 bytes/],
    ["of all bytes that there are", head("D", 1, 0xffffffff), /4294967295 bytes/],
    ["that ends with something, though it has nothing to say", head("E", 1, 1), /1 bytes/],
    ["with words without end", head("C", 1, 2000), /2000 bytes/],
    ["of another start", Buffer.concat([head("A", 1, 0), Buffer.from("fedcba9876543210")]), /something else/],
    [
      "in which another wrote",
      insert(encodeTaggedFrame("D", 1, Buffer.alloc(100), tag), 50, "Hello"),
      /something else/,
    ],
  ])("%s are none", (_what, bytes, words) => {
    const frames: Frame[] = [];
    const feed = (): void => new TaggedFrameDecoder(tag, kinds).feed(bytes, (frame) => frames.push(frame));
    expect(feed).toThrow(ForeignFrame);
    expect(feed).toThrow(words);
    expect(frames).toEqual([]);
  });

  it("that are small hold no large piece", () => {
    const piece = Buffer.concat([
      encodeTaggedFrame("D", 1, Buffer.from("x"), tag),
      encodeTaggedFrame("D", 2, Buffer.alloc(mostOfData), tag),
    ]);
    const [small] = decode(piece, () => piece.length);
    expect(small?.payload.buffer.byteLength).toBeLessThan(mostOfData);
  });

  it("never come from random bytes, nor from frames of which a bit is another", () => {
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = randomBytes(randomInt(1, 400));
      const frames: Frame[] = [];
      try {
        new TaggedFrameDecoder(tag, kinds).feed(bytes, (frame) => frames.push(frame));
      } catch (error) {
        expect(error).toBeInstanceOf(ForeignFrame);
      }
      expect(frames).toEqual([]);
      const frame = encodeTaggedFrame("D", 1, randomBytes(20), tag);
      const inTag = frame.length - 1 - randomInt(tag.length);
      frame[inTag] = (frame[inTag] ?? 0) ^ (1 << randomInt(8));
      expect(() => new TaggedFrameDecoder(tag, kinds).feed(frame, () => undefined)).toThrow(ForeignFrame);
    }
  });
});

function insert(bytes: Buffer, at: number, text: string): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at)]);
}
