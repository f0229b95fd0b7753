import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type LocalPath, openRegular } from "../../common/files/regularFile.js";
import { markedEncoding } from "../../common/text/decodeText.js";
import { notANumber, parsePythonJsonExactly } from "../../common/text/pythonJson.js";
import { GrowingFigures } from "./figures.js";
import { isObject } from "./values.js";

/** How far an `events.jsonl` was read, and what was found in it. What is read later goes on there. */
export interface EventState {
  /** Bytes: where the first line begins that was not read. */
  readonly offset: number;
  /** What tells the bytes before that from others: the file only ever grows, unless it is written anew. */
  readonly mark: number;
  /** The line at `offset` is too long, and this much of it was passed over. */
  readonly passedOver: number;
  /** Lines that are no JSON, and those that are too long. */
  readonly damaged: number;
  readonly tooLong: number;
}

/** What is known of the events of a run. */
export interface ReadEvents {
  readonly state: EventState;
  readonly figures: GrowingFigures;
}

const nothingRead: EventState = { offset: 0, mark: 0, passedOver: 0, damaged: 0, tooLong: 0 };

const readSize = 1 << 20;
/** Bytes: a line that is longer is passed over. */
const longestLine = 1 << 20;
/** Bytes before the offset that make its mark. */
const markSize = 1 << 10;
/** Bytes that are read of a file in UTF-16, which is read anew each time. */
const largestForeign = 64 << 20;

/**
 * Reads what is new in the file. Yields after each piece, so that a large one holds nothing up.
 * @param file absolute path.
 * @param before what was found the last time; its figures are added to.
 * @param isOver whether the run has ended: then half a line at the end is a damaged one.
 * @returns undefined where there is no such file. What was read until the signal counts.
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

/** Whether the file is the one that was read, and longer or as long. */
async function isAsBefore(opened: FileHandle, { offset, passedOver, mark }: EventState): Promise<boolean> {
  if (offset + passedOver === 0) return false;
  const { size } = await opened.stat();
  return size >= offset + passedOver && (await markAt(opened, offset)) === mark;
}

/** A number for the bytes before an offset. */
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
    // Its bytes are no places in the text: it is read anew.
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

  /** @returns false for what is no JSON of an object. An empty line is nothing. */
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

  /** What was written last may have no end. It is not read again, whatever comes behind it. @param isOver no more comes. */
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
