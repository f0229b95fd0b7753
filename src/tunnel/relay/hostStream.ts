import { Duplex } from "node:stream";
import { ForeignFrame } from "../../ssh/channel/taggedFrames.js";
import { costOfFrame, type StreamFrame, type StreamFrameKind, mostOfData } from "./streamFrames.js";
import type { WindowBudget } from "./windowBudget.js";

/** Bytes of the window that each side has at first. */
export const firstWindow = 256 * 1024;
/** Bytes that a host may have given us room for: more than any program of ours does. */
const mostRoom = 64 * 1024 * 1024;

/** What a stream says to the host. */
export type Say = (kind: StreamFrameKind, payload?: Uint8Array, done?: () => void) => void;

/**
 * One multiplexed stream to an address of the host, with flow control by windows in both directions. It ends when the
 * remote side's EOF arrives, never because the connection was lost.
 */
export class HostStream extends Duplex {
  readonly #say: Say;
  readonly #budget: WindowBudget;
  #state: "opening" | "open" | "closed" = "opening";
  #onAccepted: (() => void) | undefined;
  /** What came and was not read yet; `undefined` is its end. */
  readonly #arrived: (Buffer | undefined)[] = [];
  #isRead = true;
  #hasEnded = false;
  #hasSaidEnd = false;
  #window = firstWindow;
  /** Bytes that the host may still send, and those that were read and that it was not told of. */
  #allowed = firstWindow;
  #freed = 0;
  /** Bytes that the host has room for. */
  #room = firstWindow;
  #unsent: { readonly chunk: Buffer; readonly done: (error?: Error | null) => void } | undefined;

  /**
   * @param say is called with frames of this stream until the host has closed it.
   * @param onAccepted the host has opened it.
   */
  constructor(say: Say, budget: WindowBudget, onAccepted: () => void) {
    // What Node would keep ahead counts bytes, and nothing of a host that sends each by itself.
    super({ allowHalfOpen: true, readableHighWaterMark: 1, writableHighWaterMark: mostOfData });
    this.#say = say;
    this.#budget = budget;
    this.#onAccepted = onAccepted;
  }

  /** Whether the host has said its last word on it. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** @throws ForeignFrame */
  hear({ kind, payload }: StreamFrame): void {
    if (kind === "C") return this.close(payload.toString("latin1"));
    if (kind === "A") return this.#accept();
    if (this.#state !== "open") throw new ForeignFrame("it used a stream before it opened it");
    switch (kind) {
      case "D":
        return this.#receive(payload);
      case "E":
        if (this.#hasEnded) throw new ForeignFrame("it ended a stream twice");
        this.#hasEnded = true;
        if (this.destroyed) return;
        this.#arrived.push(undefined);
        return this.#hand();
      case "W":
        return this.#widen(payload);
      default:
        throw new ForeignFrame("it asked for what only we ask for");
    }
  }

  /**
   * Closes the stream for good.
   * @param reason empty where nothing went wrong.
   */
  close(reason: string): void {
    this.#state = "closed";
    this.#budget.leave(this.#window);
    if (!this.#hasEnded)
      return void this.destroy(Object.assign(new Error(reason || "reset"), { code: "ECONNRESET" }));
    // All that the other side said came, and is still to be read. It hears nothing more.
    const unsent = this.#unsent;
    this.#unsent = undefined;
    unsent?.done();
  }

  override _read(): void {
    this.#isRead = true;
    this.#hand();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    // Discard writes after the close; setImmediate, so that an endless writer cannot starve the event loop.
    if (this.#state === "closed") return void setImmediate(done);
    this.#unsent = { chunk, done };
    this.#send();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#state === "closed") return done();
    this.#hasSaidEnd = true;
    this.#say("E", undefined, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#arrived.length = 0;
    const isOver = this.#hasEnded && this.#hasSaidEnd;
    if (this.#state !== "closed" && !isOver) this.#say("R");
    const unsent = this.#unsent;
    this.#unsent = undefined;
    unsent?.done(error);
    done(error);
  }

  #accept(): void {
    if (this.#state !== "opening") throw new ForeignFrame("it opened a stream twice");
    this.#state = "open";
    this.#onAccepted?.();
    this.#onAccepted = undefined;
    this.#send();
  }

  #receive(payload: Buffer): void {
    if (payload.length === 0) throw new ForeignFrame("it sent data without a byte");
    if (this.#hasEnded) throw new ForeignFrame("it sent data on a stream that it had ended");
    this.#allowed -= payload.length + costOfFrame;
    if (this.#allowed < 0) throw new ForeignFrame("it sent more than a window has room for");
    // Frames may still arrive after our reset: drop them.
    if (this.destroyed) return;
    this.#arrived.push(payload);
    this.#hand();
  }

  /** Hands over what arrived for as long as it is read, and makes room for more. */
  #hand(): void {
    while (this.#isRead && this.#arrived.length > 0) {
      const next = this.#arrived.shift();
      if (next) this.#freed += next.length + costOfFrame;
      this.#isRead = this.push(next ?? null);
    }
    if (this.#hasEnded || this.#state !== "open" || 2 * this.#freed < this.#window) return;
    // A fast reader gets a larger window, up to the budget of all streams.
    const more = this.#arrived.length === 0 ? this.#budget.widen(this.#window) : 0;
    this.#window += more;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.#freed + more);
    this.#allowed += this.#freed + more;
    this.#freed = 0;
    this.#say("W", count);
  }

  #widen(payload: Buffer): void {
    if (payload.length !== 4) throw new ForeignFrame("it widened a window by no number");
    this.#room += payload.readUInt32BE(0);
    if (this.#room > mostRoom) throw new ForeignFrame("it widened a window beyond all measure");
    this.#send();
  }

  /** Sends what is written, as far as the host has room. */
  #send(): void {
    while (this.#unsent && this.#state === "open" && this.#room > costOfFrame) {
      const { chunk, done } = this.#unsent;
      const count = Math.min(chunk.length, mostOfData, this.#room - costOfFrame);
      this.#room -= count + costOfFrame;
      const isAll = count === chunk.length;
      this.#unsent = isAll ? undefined : { chunk: chunk.subarray(count), done };
      // The next piece waits until this one is on its way.
      this.#say("D", chunk.subarray(0, count), isAll ? () => done() : undefined);
    }
  }
}
