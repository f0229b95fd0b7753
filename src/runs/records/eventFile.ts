import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type LocalPath, openRegular } from "../../common/files/regularFile.js";
import { markedEncoding } from "../../common/text/decodeText.js";
import { notANumber, parsePythonJsonExactly } from "../../common/text/pythonJson.js";
import { GrowingFigures } from "./figures.js";
import { isObject } from "./values.js";

/** How far an `events.jsonl` was read; the next read continues there. */
export interface EventState {
  /** Offset in bytes of the first line that was not read. */
  readonly offset: number;
  /** Hash of the bytes before the offset, to detect a rewritten file. */
  readonly mark: number;
  /** How many bytes were skipped of a line at `offset` that is too long. */
  readonly passedOver: number;
  /** Lines that are not JSON objects, and lines that are too long. */
  readonly damaged: number;
  readonly tooLong: number;
}

/** The events of a run, as far as they were read. */
export interface ReadEvents {
  readonly state: EventState;
  readonly figures: GrowingFigures;
}

const nothingRead: EventState = { offset: 0, mark: 0, passedOver: 0, damaged: 0, tooLong: 0 };

const readSize = 1 << 20;
/** Bytes: longer lines are skipped. */
const longestLine = 1 << 20;
/** Bytes before the offset that are hashed for the mark. */
const markSize = 1 << 10;
/** Maximum bytes of a file in UTF-16, which is reread each time. */
const largestForeign = 64 << 20;

/**
 * Reads what is new in the file. Yields to other events after each piece.
 * @param file absolute path.
 * @param before the result of the last call; its figures are updated in place.
 * @param isOver whether the run has ended: then an incomplete last line is a damaged one.
 * @returns undefined if there is no such file. If aborted, the result covers what was read until then.
 */
export async function readEvents(
  file: LocalPath,
  before: ReadEvents | undefined,
  { isOver = false, signal }: { readonly isOver?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadEvents | undefined> {
  const opened = await openRegular(file).catch(() => undefined);
  if (!opened) return undefined;
  try {
    const goesOn = before !== undefined && (await isAsBefore(opened, before.state));
    const from = goesOn ? before : { state: nothingRead, figures: new GrowingFigures() };
    return await new EventReader(opened, from).read(isOver, signal);
  } finally {
    await opened.close();
  }
}

/** Whether the file was not rewritten or truncated. */
async function isAsBefore(opened: FileHandle, { offset, passedOver, mark }: EventState): Promise<boolean> {
  if (offset + passedOver === 0) return false;
  const { size } = await opened.stat();
  return size >= offset + passedOver && (await markAt(opened, offset)) === mark;
}

/** A hash of the bytes before an offset. */
async function markAt(opened: FileHandle, offset: number): Promise<number> {
  const length = Math.min(offset, markSize);
  if (length === 0) return 0;
  const { bytesRead, buffer } = await opened.read(Buffer.alloc(length), 0, length, offset - length);
  if (bytesRead < length) return -1;
  return createHash("sha1").update(buffer).digest().readUIntBE(0, 6);
}

class EventReader {
  readonly #opened: FileHandle;
  readonly #figures: GrowingFigures;
  #offset: number;
  #passedOver: number;
  #damaged: number;
  #tooLong: number;
  /** The beginning of the line at the offset. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(opened: FileHandle, { state, figures }: ReadEvents) {
    this.#opened = opened;
    this.#figures = figures;
    this.#offset = state.offset;
    this.#passedOver = state.passedOver;
    this.#damaged = state.damaged;
    this.#tooLong = state.tooLong;
  }

  async read(isOver: boolean, signal: AbortSignal | undefined): Promise<ReadEvents> {
    let at = this.#offset + this.#passedOver;
    const encoding = at === 0 ? await this.#encoding() : undefined;
    if (encoding === "utf-8") at = this.#offset = 3;
    const decoder = encoding && encoding !== "utf-8" ? new TextDecoder(encoding) : undefined;
    const buffer = Buffer.allocUnsafe(readSize);
    while (!signal?.aborted && !(decoder && at > largestForeign)) {
      const { bytesRead } = await this.#opened.read(buffer, 0, readSize, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const piece = buffer.subarray(0, bytesRead);
      this.#takeBytes(decoder ? Buffer.from(decoder.decode(piece, { stream: true })) : piece);
      await nextTurn();
    }
    if (!signal?.aborted) this.#takeLast(isOver);
    const counts = { damaged: this.#damaged, tooLong: this.#tooLong };
    // Offsets in the decoded text are not offsets in the file: reread it next time.
    if (decoder) return { state: { ...nothingRead, ...counts }, figures: this.#figures };
    const [offset, passedOver] = [this.#offset, this.#passedOver];
    const mark = await markAt(this.#opened, offset);
    return { state: { offset, passedOver, mark, ...counts }, figures: this.#figures };
  }

  async #encoding(): Promise<ReturnType<typeof markedEncoding>> {
    const { bytesRead, buffer } = await this.#opened.read(Buffer.alloc(3), 0, 3, 0);
    return markedEncoding(buffer.subarray(0, bytesRead));
  }

  #takeBytes(bytes: Buffer): void {
    let from = 0;
    if (this.#passedOver > 0) {
      const end = bytes.indexOf(10);
      if (end < 0) {
        this.#passedOver += bytes.length;
        return;
      }
      from = end + 1;
      this.#offset += this.#passedOver + from;
      this.#passedOver = 0;
    }
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    for (let end = all.indexOf(10, from); end >= 0; end = all.indexOf(10, from)) {
      if (end - from > longestLine) this.#tooLong += 1;
      else this.#takeLine(all.toString("utf8", from, end));
      this.#offset += end + 1 - from;
      from = end + 1;
    }
    this.#rest = Buffer.from(all.subarray(from));
    if (this.#rest.length <= longestLine) return;
    this.#tooLong += 1;
    this.#passedOver = this.#rest.length;
    this.#rest = Buffer.alloc(0);
  }

  #takeLine(line: string): void {
    if (!this.#tryLine(line)) this.#damaged += 1;
  }

  /** @returns false if it is not a JSON object. Ignores empty lines. */
  #tryLine(line: string): boolean {
    if (line.trim() === "") return true;
    try {
      const event = parsePythonJsonExactly(line);
      if (!isObject(event)) return false;
      if (event["type"] === "metrics" && isObject(event["data"]))
        this.#figures.take(event["data"], isNotANumber);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Takes a last line without line ending if it is complete, and does not read it again. @param isOver whether the run
   * has ended.
   */
  #takeLast(isOver: boolean): void {
    if (this.#rest.length === 0) return;
    const isWhole = this.#tryLine(this.#rest.toString("utf8"));
    if (!isWhole && !isOver) return;
    if (!isWhole) this.#damaged += 1;
    this.#offset += this.#rest.length;
    this.#rest = Buffer.alloc(0);
  }
}

function isNotANumber(value: unknown): boolean {
  return value === null || value === notANumber;
}
