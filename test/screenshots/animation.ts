import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/vscode/chromium.js";

/** A picture of an animation, and how long it stands, in milliseconds. */
export interface Moment {
  readonly png: Buffer;
  readonly milliseconds: number;
}

/** What of a picture differs from the one before it: a PNG of its own, and where it lies. */
interface Patch {
  readonly x: number;
  readonly y: number;
  readonly png: Buffer;
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const signature = Buffer.from("89504e470d0a1a0a", "hex");

/**
 * One animated PNG of pictures of the same size, shown over and over. A browser compares and encodes them: of each, only
 * what differs from the one before is kept.
 */
export async function animate(moments: readonly Moment[]): Promise<Buffer> {
  return inPage(async (page) => {
    const patches: Patch[] = [];
    for (const [at, { png }] of moments.entries())
      patches.push(await patchOf(page, moments[at - 1]?.png, png));
    return assemble(patches, moments);
  });
}

/** A part of a picture, in pixels. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export async function cut(png: Buffer, part: Part): Promise<Buffer> {
  return inPage(async (page) => {
    await page.setContent(
      `<body style="margin:0"><img src="data:image/png;base64,${png.toString("base64")}">`,
    );
    return page.screenshot({ clip: part });
  });
}

async function inPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "animation-"));
  const browser = await launchBrowser({ profile });
  try {
    return await work(browser.pages()[0]!);
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs in the page. Colours that nobody tells apart are made the same, so that they take less room. */
const compare = `async ([before, after]) => {
  const pixelsOf = async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height);
    for (let at = 0; at < pixels.data.length; at += 1)
      if (at % 4 < 3) pixels.data[at] = Math.min(255, Math.round(pixels.data[at] / 4) * 4);
    return pixels;
  };
  const now = await pixelsOf(after);
  let [left, top, right, bottom] = [0, 0, now.width, now.height];
  if (before) {
    const old = new Uint32Array((await pixelsOf(before)).data.buffer);
    const fresh = new Uint32Array(now.data.buffer);
    [left, top, right, bottom] = [now.width, now.height, 0, 0];
    for (let at = 0; at < fresh.length; at += 1) {
      if (old[at] === fresh[at]) continue;
      const [x, y] = [at % now.width, Math.floor(at / now.width)];
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  }
  // A frame has one pixel at least.
  if (right === 0) [left, top, right, bottom] = [0, 0, 1, 1];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [right - left, bottom - top];
  canvas.getContext("2d").putImageData(now, -left, -top);
  return { x: left, y: top, png: canvas.toDataURL("image/png").split(",")[1] };
}`;

async function patchOf(page: Page, before: Buffer | undefined, after: Buffer): Promise<Patch> {
  const address = (png: Buffer | undefined): string =>
    png ? `data:image/png;base64,${png.toString("base64")}` : "";
  const pictures = JSON.stringify([address(before), address(after)]);
  const { x, y, png } = await page.evaluate<{ x: number; y: number; png: string }>(
    `(${compare})(${pictures})`,
  );
  return { x, y, png: Buffer.from(png, "base64") };
}

/** Puts the data of PNGs of one colour type into one file: https://www.w3.org/TR/png-3/#apng-frame-based-animation */
function assemble(patches: readonly Patch[], moments: readonly Moment[]): Buffer {
  let sequence = 0;
  const next = (): Buffer => numbers(4, sequence++);
  const head = chunksOf(patches[0]!.png).find(({ type }) => type === "IHDR")!;
  const frames = patches.flatMap(({ x, y, png }, at): Chunk[] => {
    const chunks = chunksOf(png);
    const size = chunks.find(({ type }) => type === "IHDR")!.data.subarray(0, 8);
    const stands = numbers(2, moments[at]!.milliseconds, 1000);
    // What was there before stays, and is painted over.
    const control = Buffer.concat([next(), size, numbers(4, x, y), stands, Buffer.from([0, 0])]);
    const data = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map((chunk) => chunk.data));
    const image: Chunk =
      at === 0 ? { type: "IDAT", data } : { type: "fdAT", data: Buffer.concat([next(), data]) };
    return [{ type: "fcTL", data: control }, image];
  });
  const all: Chunk[] = [
    head,
    { type: "acTL", data: numbers(4, patches.length, 0) },
    ...frames,
    { type: "IEND", data: Buffer.alloc(0) },
  ];
  return Buffer.concat([signature, ...all.map(bytesOf)]);
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString("latin1", at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

function bytesOf({ type, data }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([numbers(4, data.length), body, numbers(4, crc32(body))]);
}

/** @param width bytes of each */
function numbers(width: 2 | 4, ...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(width * values.length);
  values.forEach((value, at) => buffer.writeUIntBE(value, at * width, width));
  return buffer;
}
