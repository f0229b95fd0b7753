import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AnswerHead } from "./answerHead.js";
import { AnswerReader } from "./answerReader.js";

/** The end of a complete response. */
export interface AnswerEnd {
  /** Where it came in one piece. */
  readonly head?: AnswerHead | undefined;
  /** The rest of its body. */
  readonly body?: Buffer | undefined;
  /** It says itself where it ends; else the stream ended. */
  readonly isWritten: boolean;
  /** Its stream carries no other one. */
  readonly isLast: boolean;
}

/** What becomes of the answer to a request. */
export interface AnswerListener {
  /**
   * Some of it, and more is to come.
   * @returns whether that may come at once; else {@link Exchange.resume} says when.
   */
  onPart(head: AnswerHead | undefined, body: Buffer | undefined): boolean;
  onEnd(end: AnswerEnd): void;
  /** Another protocol is spoken from here on; `first` came behind the head. The stream is the listener's. */
  onSwitch(head: AnswerHead, stream: Duplex, first: Buffer): void;
  /** There is no response, or it is malformed or truncated. */
  onCut(): void;
}

/** What becomes of the stream: another request may follow, none may, or it is the listener's. */
export type Outcome = "follow" | "last" | "switched";

/** One request and its answer, on a stream that nobody else uses meanwhile. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #head: string;
  readonly #listener: AnswerListener;
  readonly #reader: AnswerReader;
  readonly #wantsSwitch: boolean;
  #stream: Duplex | undefined;
  #isSent = false;
  #keepsStream = false;
  #isOver = false;
  /** Told once how it ended, before the listener is. */
  onOver: ((outcome: Outcome) => void) | undefined;

  /**
   * @param head all of the request but its body.
   * @param wantsSwitch whether another protocol may be agreed upon.
   */
  constructor(request: IncomingMessage, head: string, wantsSwitch: boolean, listener: AnswerListener) {
    this.#request = request;
    this.#head = head;
    this.#listener = listener;
    this.#wantsSwitch = wantsSwitch;
    this.#reader = new AnswerReader(request.method ?? "");
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(stream: Duplex): void {
    this.#stream = stream;
    stream.write(this.#head, "latin1");
    this.#sendBody(stream);
  }

  /** Aborts: nobody waits for the response, or it must not be sent. */
  cut(): void {
    if (this.#isOver) return;
    this.#over("last");
    this.#listener.onCut();
  }

  resume(): void {
    if (!this.#isOver) this.#stream?.resume();
  }

  onData(bytes: Buffer): void {
    const part = this.#reader.read(bytes);
    if (part === "malformed") return this.cut();
    const { head, body: pieces, beyond } = part;
    if (head?.status === 101) return this.#switch(head, beyond);
    if (head) this.#keepsStream = head.keepsStream;
    // Join small chunks into one write.
    const body = pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
    if (!beyond) {
      const mayCome = head || body ? this.#listener.onPart(head, body) : true;
      if (!mayCome && !this.#isOver) this.#stream?.pause();
      return;
    }
    const mayFollow = beyond.length === 0 && this.#keepsStream && this.#isSent;
    this.#over(mayFollow ? "follow" : "last");
    this.#listener.onEnd({ head, body, isWritten: true, isLast: !mayFollow });
  }

  onStreamEnd(): void {
    if (this.#isOver) return;
    if (!this.#reader.endsWithStream) return this.cut();
    this.#over("last");
    this.#listener.onEnd({ isWritten: false, isLast: true });
  }

  #switch(head: AnswerHead, first: Buffer = Buffer.alloc(0)): void {
    const stream = this.#stream;
    if (!this.#wantsSwitch || !stream) return this.cut();
    this.#over("switched");
    this.#listener.onSwitch(head, stream, first);
  }

  #over(outcome: Outcome): void {
    this.#isOver = true;
    this.onOver?.(outcome);
  }

  /**
   * Re-encodes the body as the parser understood it (no request smuggling): Content-Length and that many bytes, or
   * chunks of our own.
   */
  #sendBody(stream: Duplex): void {
    const request = this.#request;
    const isChunked = request.headers["transfer-encoding"] !== undefined;
    if (!isChunked && request.headers["content-length"] === undefined) {
      this.#isSent = true;
      return;
    }
    const goOn = (): unknown => request.resume();
    stream.on("drain", goOn);
    request.on("data", (bytes: Buffer) => {
      if (this.#isOver) return;
      if (isChunked) stream.write(`${bytes.length.toString(16)}\r\n`, "latin1");
      const hasRoom = stream.write(bytes);
      if (isChunked) stream.write("\r\n", "latin1");
      if (!hasRoom) request.pause();
    });
    request.once("end", () => {
      stream.off("drain", goOn);
      if (isChunked && !this.#isOver) stream.write("0\r\n\r\n", "latin1");
      this.#isSent = true;
    });
    request.once("close", () => {
      stream.off("drain", goOn);
      if (!this.#isSent) this.cut();
    });
    request.once("error", () => this.cut());
  }
}
