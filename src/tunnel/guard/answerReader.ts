import { type AnswerHead, parseAnswerHead } from "./answerHead.js";
import { type Chunks, createChunks } from "./chunks.js";

/** What one piece of a stream says of an answer. */
export interface AnswerPart {
  /** Its head, in the part with which it is whole. */
  readonly head?: AnswerHead;
  /** Bytes of its body, not copied. */
  readonly body: readonly Buffer[];
  /** What came behind the answer; undefined while more of it is to come. */
  readonly beyond?: Buffer;
}

/** Bytes of an answer's head, those of interim ones before it included. */
const mostOfHead = 64 * 1024;
const emptyLine = "\r\n\r\n";
const nothing: readonly Buffer[] = [];

/**
 * Reads one response from the chunks of a stream. Node's parser copies every chunk of a body, which cost a tenth of the
 * time of a large file.
 */
export class AnswerReader {
  readonly #method: string;
  #head: AnswerHead | undefined;
  /** What came of a head that is not whole yet; as large as the largest one. */
  #pending: Buffer | undefined;
  #pendingBytes = 0;
  /** Bytes of interim answers. */
  #interimBytes = 0;
  #left = 0;
  #chunks: Chunks | undefined;

  /** @param method of the request. */
  constructor(method: string) {
    this.#method = method;
  }

  /** Whether an end of the stream is the answer's own end. */
  get endsWithStream(): boolean {
    return this.#head?.body === "until-end";
  }

  /** @returns `"malformed"` if it is invalid or ambiguous; then do not read any further. */
  read(piece: Buffer): AnswerPart | "malformed" {
    if (this.#head) return this.#readBody(piece, 0);
    const found = this.#readHead(piece);
    if (found === undefined) return { body: nothing };
    if (found === "malformed") return found;
    const { head, rest } = found;
    this.#head = head;
    if (head.body === "chunked") this.#chunks = createChunks();
    else if (typeof head.body === "number") this.#left = head.body;
    const part = this.#readBody(rest, 0);
    return part === "malformed" ? part : { head, ...part };
  }

  /** @returns the head and what came behind it; undefined while it is not whole. */
  #readHead(piece: Buffer): { readonly head: AnswerHead; readonly rest: Buffer } | "malformed" | undefined {
    let bytes = piece;
    let from = 0;
    if (this.#pending) {
      from = Math.max(0, this.#pendingBytes - emptyLine.length + 1);
      bytes = this.#withPending(piece);
    }
    for (;;) {
      const end = bytes.indexOf(emptyLine, from, "latin1");
      const headBytes = end < 0 ? bytes.length : end + emptyLine.length;
      if (this.#interimBytes + headBytes > mostOfHead) return "malformed";
      if (end < 0) {
        this.#keep(bytes);
        return undefined;
      }
      const head = parseAnswerHead(bytes.subarray(0, end), this.#method);
      if (!head) return "malformed";
      bytes = bytes.subarray(headBytes);
      if (head.status >= 200 || head.status === 101) return { head, rest: bytes };
      // Skip interim responses: we sent 100 Continue ourselves.
      this.#interimBytes += headBytes;
      this.#pendingBytes = 0;
      from = 0;
    }
  }

  #withPending(piece: Buffer): Buffer {
    const pending = this.#pending ?? Buffer.alloc(0);
    const fits = piece.length <= pending.length - this.#pendingBytes;
    if (!fits) return Buffer.concat([pending.subarray(0, this.#pendingBytes), piece]);
    piece.copy(pending, this.#pendingBytes);
    return pending.subarray(0, this.#pendingBytes + piece.length);
  }

  #keep(bytes: Buffer): void {
    this.#pending ??= Buffer.allocUnsafe(mostOfHead);
    bytes.copy(this.#pending);
    this.#pendingBytes = bytes.length;
  }

  #readBody(bytes: Buffer, from: number): AnswerPart | "malformed" {
    switch (this.#head?.body) {
      case "until-end":
        return { body: bytes.length === 0 ? nothing : [bytes] };
      case "chunked": {
        const part = this.#chunks?.read(bytes, from) ?? "malformed";
        if (part === "malformed") return part;
        return part.end === undefined
          ? { body: part.data }
          : { body: part.data, beyond: bytes.subarray(part.end) };
      }
      case "none":
        return { body: nothing, beyond: bytes };
      default: {
        const body = bytes.subarray(0, this.#left);
        this.#left -= body.length;
        const part = { body: body.length === 0 ? nothing : [body] };
        return this.#left === 0 ? { ...part, beyond: bytes.subarray(body.length) } : part;
      }
    }
  }
}
