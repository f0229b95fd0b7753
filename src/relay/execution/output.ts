/** Keeps the beginning of one stream, and counts the rest. */
export interface Collector {
  add(chunk: Buffer): void;
  /** Tells how many bytes were printed, where the host does not send those that are not kept. */
  notePrinted(bytes: number): void;
  /** The text, without a character that was cut in two at the end. */
  readonly text: string;
  /** Bytes kept, and bytes that were printed. */
  readonly kept: number;
  readonly printed: number;
  /** The end of what came before the mark, while that is waited for. */
  readonly noise: Buffer;
}

/** Bytes that may stand before a mark on its line. */
const longestLine = 4_096;

/**
 * @param limit bytes kept.
 * @param mark begins a line after which the stream counts; what comes before is what start-up files say.
 * @param onMark hears the rest of that line.
 */
export function createCollector(limit: number, mark?: string, onMark?: (rest: string) => void): Collector {
  const chunks: Buffer[] = [];
  let [kept, printed] = [0, 0];
  let before: Buffer | undefined = mark === undefined ? undefined : Buffer.alloc(0);

  const keep = (chunk: Buffer): void => {
    printed += chunk.length;
    const part = chunk.subarray(0, Math.max(0, limit - kept));
    if (part.length === 0) return;
    // Copied: a part of a chunk would keep all of it in memory.
    chunks.push(part.length === chunk.length ? chunk : Buffer.from(part));
    kept += part.length;
  };

  return {
    add: (chunk) => {
      if (before === undefined || mark === undefined) {
        keep(chunk);
        return;
      }
      before = Buffer.concat([before, chunk]);
      const start = before.indexOf(mark);
      const end = start < 0 ? -1 : before.indexOf(0x0a, start);
      if (end < 0) {
        before = before.subarray(start < 0 ? -longestLine : start);
        return;
      }
      onMark?.(before.toString("latin1", start + mark.length, end).trim());
      const rest = before.subarray(end + 1);
      before = undefined;
      if (rest.length > 0) keep(rest);
    },
    notePrinted: (bytes) => (printed = Math.max(printed, bytes)),
    get text() {
      const bytes = Buffer.concat(chunks);
      return decode(printed > kept ? withoutCutCharacter(bytes) : bytes);
    },
    get kept() {
      return kept;
    },
    get printed() {
      return printed;
    },
    get noise() {
      return before ?? Buffer.alloc(0);
    },
  };
}

/** Bytes that are no UTF-8 become U+FFFD: the answer is JSON text, which can hold nothing else. */
function decode(bytes: Buffer): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Drops the beginning of a character whose rest was beyond the limit. */
function withoutCutCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
    }
  }
  return bytes;
}

/** Bytes that a text takes in a JSON string: control characters and quotes take more than their own. */
function encodedLength(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** The longest beginning of `text` that takes at most `limit` bytes in JSON. Does not cut a character in two. */
export function fitEncoded(text: string, limit: number): string {
  if (encodedLength(text) <= limit) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (encodedLength(text.slice(0, middle)) <= limit) low = middle;
    else high = middle - 1;
  }
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(low - 1));
  return text.slice(0, isHalf ? low - 1 : low);
}
