import { describe, expect, it } from "vitest";
import { createHelperFrameReader, type HelperFrame } from "../../../../src/sync/helper/helperFrames.js";
import { NotReadable } from "../../../../src/sync/remote/notReadable.js";

const tag = "0123456789abcdef";

async function* inPieces(bytes: Buffer, length: number): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += length) {
    yield await Promise.resolve(bytes.subarray(at, at + length));
  }
}

async function framesIn(text: string, length = 1_000): Promise<HelperFrame[]> {
  const reader = createHelperFrameReader(inPieces(Buffer.from(text), length), tag);
  const frames: HelperFrame[] = [];
  for (let frame = await reader.next(); frame; frame = await reader.next()) frames.push(frame);
  return frames;
}

describe("the frames of an answer", () => {
  it.each([1, 3, 1_000])("are read in pieces of %d bytes", async (length) => {
    const frames = await framesIn(`J ${tag} 7 2\n{}D ${tag} 7 4\nJ 2\nN ${tag} 7 3\na b`, length);
    const data = frames.filter(({ kind }) => kind === "D").map(({ payload }) => payload.toString());
    expect(data.join("")).toBe("J 2\n");
    expect(frames.filter(({ kind }) => kind !== "D").map(({ payload }) => payload.toString())).toEqual([
      "{}",
      "a b",
    ]);
  });

  it.each([
    ["of a helper that was started after it", "J fedcba9876543210 7 6\npython"],
    ["without a tag", "J 6\npython"],
    ["of an unknown kind", `X ${tag} 7 1\nx`],
    ["with a header that does not end", "x".repeat(100)],
    ["of facts without end", `J ${tag} 7 70000\n`],
    ["of packed data without end", `Z ${tag} 7 2000000\n`],
    ["of records without end", `N ${tag} 7 20000000\n`],
  ])("%s are invalid", async (_what, text) => {
    await expect(framesIn(text)).rejects.toBeInstanceOf(NotReadable);
  });

  it("are dropped when truncated", async () => {
    expect(await framesIn(`J ${tag} 7 2\n{}J ${tag} 7 5\nabc`)).toHaveLength(1);
  });
});
