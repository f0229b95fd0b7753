/** Reads a body in chunks (RFC 9112, section 7.1). What is said beside the data, extensions and trailers, is left out. */
export interface Chunks {
  /**
   * @returns pieces of data, not copied, and where the body ended in `bytes`: undefined while there is more to come.
   * `"malformed"`: nothing more can be understood.
   */
  read(bytes: Buffer, from: number): { readonly data: Buffer[]; readonly end?: number } | "malformed";
}

/** Bytes of a line that says a size, and of all trailers. */
const mostOfSize = 4 * 1024;
const mostOfTrailers = 64 * 1024;
/** Digits of a size: up to what a JavaScript number counts without a mistake. */
const mostDigits = 12;

const cr = 13;
const lf = 10;
const semicolon = 59;

type Phase = "size" | "extension" | "size-lf" | "data" | "data-cr" | "data-lf" | Trailers;
type Trailers = "line" | "in-line" | "line-lf" | "last-lf";

export function createChunks(): Chunks {
  let phase: Phase = "size";
  let left = 0;
  let digits = 0;
  let lineBytes = 0;

  /** @returns whether what follows is understood. */
  const afterSize = (byte: number): boolean => {
    const digit = digitOf(byte);
    if (phase === "size" && digit >= 0) {
      left = left * 16 + digit;
      digits += 1;
      return digits <= mostDigits;
    }
    if (digits === 0) return false;
    if (byte === cr) phase = "size-lf";
    else if (phase === "size" && byte === semicolon) phase = "extension";
    else return phase === "extension" && isText(byte);
    return true;
  };
  const inTrailers = (byte: number): boolean => {
    if (byte === cr) phase = phase === "line" ? "last-lf" : "line-lf";
    else if (isText(byte)) phase = "in-line";
    else return false;
    return true;
  };
  const follow = (byte: number): boolean => {
    lineBytes += 1;
    switch (phase) {
      case "size":
      case "extension":
        return lineBytes <= mostOfSize && afterSize(byte);
      case "size-lf":
        phase = left === 0 ? "line" : "data";
        lineBytes = 0;
        return byte === lf;
      case "data-cr":
        phase = "data-lf";
        return byte === cr;
      case "data-lf":
        phase = "size";
        digits = 0;
        lineBytes = 0;
        return byte === lf;
      case "line":
      case "in-line":
        return lineBytes <= mostOfTrailers && inTrailers(byte);
      case "line-lf":
        phase = "line";
        return byte === lf;
      default:
        return byte === lf;
    }
  };
  return {
    read: (bytes, from) => {
      const data: Buffer[] = [];
      for (let at = from; at < bytes.length;) {
        if (phase === "data") {
          const piece = bytes.subarray(at, at + left);
          data.push(piece);
          at += piece.length;
          left -= piece.length;
          if (left === 0) phase = "data-cr";
          continue;
        }
        const isLast = phase === "last-lf";
        if (!follow(bytes[at] ?? 0)) return "malformed";
        at += 1;
        if (isLast) return { data, end: at };
      }
      return { data };
    },
  };
}

function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const upper = byte & ~32;
  return upper >= 65 && upper <= 70 ? upper - 55 : -1;
}

function isText(byte: number): boolean {
  return byte === 9 || (byte >= 32 && byte !== 127);
}
