import type { FileHandle } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TextDecoder } from "node:util";
import { hasErrorCode } from "../common/files/errorCode.js";
import { type LocalPath, openRegular } from "../common/files/regularFile.js";
import { markedEncoding } from "../common/text/decodeText.js";

/** The lines of a local file that is appended to. */
export interface GrowingLines {
  /**
   * Reads what was appended. A file that is deleted has no lines any more; one that cannot be opened for another reason is
   * treated as unchanged. Yields to other events between pieces.
   * @returns whether anything changed.
   */
  read(signal?: AbortSignal): Promise<boolean>;
  /** Whether the file ends with an incomplete line. */
  readonly isCutOff: boolean;
}

export interface GrowingLinesOptions {
  /** A complete line, without its line ending. */
  readonly onLine: (line: string) => void;
  /** The file was rewritten or deleted: all lines follow again, if there are any. */
  readonly onReset: () => void;
  /**
   * The end of the file after the last line ending. @returns whether it is a complete line: then it is not passed
   * again, and what follows is a new line.
   */
  readonly onLast?: (text: string) => boolean;
  /** A line longer than 1 MiB was skipped. */
  readonly onTooLong?: () => void;
}

const readSize = 1 << 20;
/** Bytes: longer lines are skipped. */
const longestLine = 1 << 20;
/** Bytes before the read offset that are compared, to tell an appended file from a rewritten one. */
const fingerprintSize = 1 << 10;

/** @param file absolute path; UTF-8, or as its byte order mark says. */
export function createGrowingLines(
  file: LocalPath,
  { onLine, onReset, onLast, onTooLong }: GrowingLinesOptions,
): GrowingLines {
  let offset = 0;
  /** The beginning of an incomplete line. */
  let rest = Buffer.alloc(0);
  let skipping = false;
  /** `rest` was not passed to `onLast` yet, perhaps because reading was aborted. */
  let isLastNew = false;
  let decoder: TextDecoder | undefined;
  /** The last bytes read. */
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

  /** Decodes a piece to UTF-8, without a byte order mark. */
  const decoded = (piece: Buffer): Buffer => {
    if (offset === 0) decoder = decoderOf(piece);
    return decoder ? Buffer.from(decoder.decode(piece, { stream: true })) : piece;
  };

  const takeLines = (bytes: Buffer): void => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    let from = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
      if (!skipping && end - from > longestLine) onTooLong?.();
      else if (!skipping) onLine(all.toString("utf8", from, end));
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
      fingerprint = Buffer.concat([fingerprint, piece.subarray(-fingerprintSize)]).subarray(-fingerprintSize);
      await nextTurn();
    }
    return judgeLast(signal) || isAnother || offset !== before;
  };

  return {
    get isCutOff() {
      return hasText(rest);
    },
    read: async (signal) => {
      const opened = await openedOrMissing(file);
      if (opened === "missing") return offset > 0 && (reset(), true);
      if (!opened) return false;
      try {
        return await readOn(opened, signal);
      } finally {
        await opened.close();
      }
    },
  };
}

/** The decoder for the encoding that the beginning of a file names; undefined if it names none. */
function decoderOf(beginning: Buffer): TextDecoder | undefined {
  const encoding = markedEncoding(beginning);
  return encoding && new TextDecoder(encoding);
}

/** @returns undefined for a file that cannot be opened for another reason. */
async function openedOrMissing(file: LocalPath): Promise<FileHandle | "missing" | undefined> {
  try {
    return await openRegular(file);
  } catch (error) {
    return hasErrorCode(error, "ENOENT") ? "missing" : undefined;
  }
}

/** Whether these bytes are still before an offset of a file. */
async function endsWith(opened: FileHandle, offset: number, bytes: Buffer): Promise<boolean> {
  const { length } = bytes;
  const { bytesRead, buffer } = await opened.read(Buffer.alloc(length), 0, length, offset - length);
  return bytesRead === length && buffer.equals(bytes);
}

/** Whether it contains anything but white space. */
function hasText(bytes: Buffer): boolean {
  return bytes.some((byte) => byte > 32);
}
