import { inflateSync } from "node:zlib";

/** A picture of 8 bits a channel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each point, row after row. */
  readonly pixels: Buffer;
}

/** Decodes a PNG as Chromium writes it: true colours, not interlaced. */
export function readPng(bytes: Buffer): Picture {
  const [width, height, channels] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[25] === 6 ? 4 : 3];
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const size = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") data.push(bytes.subarray(at + 8, at + 8 + size));
  }
  const rows = inflateSync(Buffer.concat(data));
  const stride = width * channels;
  const plain = Buffer.alloc(stride * height);
  const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : (plain[y * stride + x] ?? 0));
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const [a, b, c] = [at(x - channels, y), at(x, y - 1), x < channels ? 0 : at(x - channels, y - 1)];
      const predicted = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter] ?? 0;
      plain[y * stride + x] = (rows[y * (stride + 1) + 1 + x] ?? 0) + predicted;
    }
  }
  const pixels = Buffer.alloc(width * height * 4, 255);
  for (let point = 0; point < width * height; point += 1)
    plain.copy(pixels, point * 4, point * channels, (point + 1) * channels);
  return { width, height, pixels };
}

function paeth(a: number, b: number, c: number): number {
  const distances = [a, b, c].map((one) => Math.abs(a + b - c - one));
  const least = Math.min(...distances);
  return [a, b, c][distances.indexOf(least)] ?? 0;
}

/** How many points have about this colour. */
export function pointsOf({ pixels }: Picture, color: readonly [number, number, number]): number {
  let count = 0;
  for (let at = 0; at < pixels.length; at += 4)
    if (color.every((wanted, channel) => Math.abs((pixels[at + channel] ?? 0) - wanted) < 12)) count += 1;
  return count;
}
