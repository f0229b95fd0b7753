import type { FileHandle } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TextDecoder } from "node:util";
import { type LocalPath, openRegular } from "../common/files/regularFile.js";
import { markedEncoding } from "../common/text/decodeText.js";

/** The lines of a local file that grows at its end. */
export interface GrowingLines {
  /**
   * Reads what is new in the file; a missing one is empty. Yields now and then, so that a large file holds nothing up.
   * @returns whether anything changed.
   */
  read(signal?: AbortSignal): Promise<boolean>;
  /** What stands last was not taken: it is the beginning of a line. */
  readonly isCutOff: boolean;
}

export interface GrowingLinesOptions {
  /** A whole line, without its end. */
  readonly onLine: (line: string) => void;
  /** The file was rewritten: its lines come again from the first. */
  readonly onReset: () => void;
  /**
   * What stands last in the file, without the end of a line. @returns whether it is whole: then it does not come again, and
   * what follows is another line.
   */
  readonly onLast?: (text: string) => boolean;
  /** A line longer than 1 MiB was passed over. */
  readonly onTooLong?: () => void;
}

const readSize = 1 << 20;
/** Bytes: a line that is longer is skipped. */
const longestLine = 1 << 20;
/** Bytes before the end of what was read that are compared, to tell a file that grew from one that was rewritten. */
const fingerprintSize = 1 << 10;

/** @param file absolute path; UTF-8, or what its byte order mark says. */
export function createGrowingLines(
  file: LocalPath,
  { onLine, onReset, onLast, onTooLong }: GrowingLinesOptions,
): GrowingLines {
  let offset = 0;
  /** The beginning of a line whose end has not come. */
  let rest = Buffer.alloc(0);
  let skipping = false;
  /** What came last has not been shown to `onLast` yet: the look that read it was cut short. */
  let isLastNew = false;
  let decoder: TextDecoder | undefined;
  /** The last bytes that were read. */
  let fingerprint = Buffer.alloc(0);

  const reset = (): void => {
    offset = 0;
    rest = Buffer.alloc(0);
    skipping = false;
    isLastNew = false;
    decoder = undefined;
    fingerprint = Buffer.alloc(0);
    onReset();
  };

  /** The piece as UTF-8, without a byte order mark. */
  const decoded = (piece: Buffer): Buffer => {
    if (offset === 0) {
      const encoding = markedEncoding(piece);
      if (encoding) decoder = new TextDecoder(encoding);
    }
    return decoder ? Buffer.from(decoder.decode(piece, { stream: true })) : piece;
  };

  const takeLines = (bytes: Buffer): void => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    let from = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
      if (!skipping) onLine(all.toString("utf8", from, end));
      skipping = false;
      from = end + 1;
    }
    rest = Buffer.from(all.subarray(from));
    if (rest.length <= longestLine) return;
    rest = Buffer.alloc(0);
    if (!skipping) onTooLong?.();
    skipping = true;
  };

  /** @returns whether it was taken. */
  const judgeLast = (signal: AbortSignal | undefined): boolean => {
    if (!isLastNew || signal?.aborted) return false;
    isLastNew = false;
    if (!hasText(rest) || !onLast?.(rest.toString("utf8"))) return false;
    rest = Buffer.alloc(0);
    return true;
  };

  const readOn = async (opened: FileHandle, signal: AbortSignal | undefined): Promise<boolean> => {
    const isAnother = !(await endsWith(opened, offset, fingerprint));
    if (isAnother) reset();
    const before = offset;
    const buffer = Buffer.allocUnsafe(readSize);
    while (!signal?.aborted) {
      const { bytesRead } = await opened.read(buffer, 0, readSize, offset);
      if (bytesRead === 0) break;
      const piece = buffer.subarray(0, bytesRead);
      takeLines(decoded(piece));
      offset += bytesRead;
      isLastNew = true;
      const latest = Buffer.concat([fingerprint, piece.subarray(-fingerprintSize)]);
      fingerprint = latest.subarray(-fingerprintSize);
      await nextTurn();
    }
    return judgeLast(signal) || isAnother || offset !== before;
  };

  return {
    get isCutOff() {
      return hasText(rest);
    },
    read: async (signal) => {
      const opened = await openRegular(file).catch(() => undefined);
      if (!opened) return false;
      try {
        return await readOn(opened, signal);
      } finally {
        await opened.close();
      }
    },
  };
}

/** Whether these bytes stand before an offset of a file still. */
async function endsWith(opened: FileHandle, offset: number, bytes: Buffer): Promise<boolean> {
  const { length } = bytes;
  const { bytesRead, buffer } = await opened.read(Buffer.alloc(length), 0, length, offset - length);
  return bytesRead === length && buffer.equals(bytes);
}

/** Whether there is more than white space. */
function hasText(bytes: Buffer): boolean {
  return bytes.some((byte) => byte > 32);
}
