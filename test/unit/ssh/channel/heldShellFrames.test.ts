import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createErrorReader,
  createHeldShellFrameReader,
  type HeldShellFrame,
  splitStatus,
} from "../../../../src/ssh/channel/heldShellFrames.js";

const tag = "0123456789abcdef";

function readFrames(chunks: readonly Buffer[]): { frames: HeldShellFrame[]; noise: string } {
  const frames: HeldShellFrame[] = [];
  const noise: Buffer[] = [];
  const reader = createHeldShellFrameReader(tag, {
    onFrame: (frame) => frames.push(frame),
    onNoise: (bytes) => noise.push(bytes),
  });
  for (const chunk of chunks) reader.feed(chunk);
  return { frames, noise: Buffer.concat(noise).toString("latin1") };
}

/** As od of any system writes them: with spaces of its own, and an end of line for each sixteen bytes. */
const line = (number: number, kind: "+" | ".", bytes: Buffer): string =>
  `\n${tag} ${number} ${kind}${[...bytes].map((byte) => ` ${byte.toString(16).padStart(2, "0")}`).join(" ")}\n`;

const foreign = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom(
    "Welcome!\n",
    "no end of line",
    `${tag} 1\n`,
    `${tag} 1 4\n`,
    `x${tag} 1 . 41\n`,
    `fedcba9876543210 1 . 41\n`,
    `${tag} 1 . zz\n`,
    `${tag} 99999999999999999999 . 41\n`,
    "\0\r\n",
  ),
);

describe("the output of a held shell", () => {
  it("is parsed from any chunks, among any other output", () => {
    const piece = fc.record({
      noise: foreign,
      number: fc.integer({ min: 0, max: 1_000_000 }),
      kind: fc.constantFrom("+" as const, "." as const),
      bytes: fc.uint8Array({ maxLength: 96 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 700 }), (pieces, size) => {
        const text = pieces
          .map(({ noise, number, kind, bytes }) => noise + line(number, kind, bytes))
          .join("");
        const whole = Buffer.from(text, "latin1");
        const chunks: Buffer[] = [];
        for (let from = 0; from < whole.length; from += size) chunks.push(whole.subarray(from, from + size));
        const expected = pieces.map(({ number, kind, bytes }) => ({ number, bytes, isLast: kind === "." }));
        expect(readFrames(chunks).frames).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("is parsed after a megabyte without a newline, which is not kept", () => {
    const chunks = Array.from({ length: 1024 }, () => Buffer.alloc(1024, "x"));
    const { frames, noise } = readFrames([...chunks, Buffer.from(line(3, ".", Buffer.from("a\0b")))]);
    expect(frames).toEqual([{ number: 3, bytes: Buffer.from("a\0b"), isLast: true }]);
    expect(noise).toHaveLength(1024 * 1024 + 1);
  });
});

describe("the exit status behind the output", () => {
  it.each([
    [`out${tag} 0;`, { output: Buffer.from("out"), code: 0 }],
    [`${tag} 255;`, { output: Buffer.from(""), code: 255 }],
    [
      `an old ${tag} 1; and${tag} 7;late words of a child`,
      { output: Buffer.from(`an old ${tag} 1; and`), code: 7 },
    ],
    ["out", undefined],
    [`out${tag} 0`, undefined],
    [`out${tag} ;`, undefined],
  ])("of %j is %j", (bytes, expected) => {
    expect(splitStatus(tag, Buffer.from(bytes))).toEqual(expected);
  });
});

describe("standard error of a held shell", () => {
  it("is told apart by its marks, cut at any byte", () => {
    const text = `noise\n\n${tag} 1 <\nfirst\n\n${tag} 2 <\nboth \xff\0\n\n${tag} 2 =4711\n\n${tag} 1 >\nsecond\n${tag} 2 >\n\n${tag} 2 >\nrest`;
    const whole = Buffer.from(text, "latin1");
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const said: string[] = [];
      let words = "";
      const reader = createErrorReader(tag, {
        onMark: (mark) => {
          const kind = mark.kind === "process" ? `=${mark.pid}` : mark.kind === "end" ? ">" : "<";
          said.push(words, `${mark.number}${kind}`);
          words = "";
        },
        onText: (bytes) => (words += bytes.toString("latin1")),
      });
      reader.feed(whole.subarray(0, cut));
      reader.feed(whole.subarray(cut));
      expect(said).toEqual([
        "noise\n",
        "1<",
        "first\n",
        "2<",
        "both \xff\0\n",
        "2=4711",
        "",
        "1>",
        "second",
        "2>",
        "",
        "2>",
      ]);
    }
  });
});
