import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Exchange, Outcome } from "./exchange.js";

/** What carries streams to the viewer. */
export interface Upstream {
  connect(): Promise<Duplex>;
  /** Whether the end that a stream just came to was the viewer's own, and not that of the way there. */
  isEndReal(): Promise<boolean>;
}

/**
 * One local connection's way to the viewer: a stream of its own, so that each end closes with the other, as without a guard.
 * One request at a time is on it. What comes on it while there is none answers nothing, and ends it.
 */
export class UpstreamConnection {
  readonly #local: Socket;
  /** What the next request goes on: kept from the last one, or opened before there was one. */
  #stream: Duplex | undefined;
  /** Stops hearing the stream. */
  #letGo: (() => void) | undefined;
  #opening: Promise<Duplex | undefined> | undefined;
  #current: Exchange | undefined;
  #waiting: Exchange[] = [];
  #isRetired = false;
  readonly forwarder: Upstream;
  /** Requests on the local connection that are not answered yet. */
  underWay = 0;

  /** What ETags carry on the local side. */
  readonly mark: string;

  constructor(local: Socket, forwarder: Upstream, mark: string) {
    this.#local = local;
    this.forwarder = forwarder;
    this.mark = mark;
    local.once("close", () => {
      this.#stream?.destroy();
      for (const exchange of [this.#current, ...this.#waiting]) exchange?.cut();
    });
  }

  /**
   * Opens the stream for the first request, while it is found out who asks, and what. Nothing is sent on it.
   * @returns when it is there, or there is none.
   */
  async openAhead(): Promise<void> {
    await this.#open();
  }

  /** Asks once all that came before is answered. */
  ask(exchange: Exchange): void {
    this.#waiting.push(exchange);
    if (!this.#current) this.#next();
  }

  /** No new requests: later ones get another connection. */
  retire(): void {
    this.#isRetired = true;
    this.#destroyIdle();
  }

  #next(): void {
    let exchange: Exchange | undefined;
    do exchange = this.#waiting.shift();
    while (exchange?.isOver);
    this.#current = exchange;
    if (!exchange) {
      if (this.#isRetired) this.#destroyIdle();
      return;
    }
    exchange.onOver = (outcome) => this.#over(outcome);
    if (this.#stream) exchange.start(this.#stream);
    else void this.#startOnNew(exchange);
  }

  async #startOnNew(exchange: Exchange): Promise<void> {
    await this.#opening;
    const stream = this.#stream ?? (await this.#open());
    if (exchange.isOver) return;
    if (stream && stream === this.#stream) exchange.start(stream);
    else exchange.cut();
  }

  #over(outcome: Outcome): void {
    const stream = this.#stream;
    this.#current = undefined;
    if (outcome === "follow") return this.#next();
    this.#stream = undefined;
    // The local connection closes after this response, so drop the queued requests.
    this.#waiting = [];
    if (outcome === "switched") this.#letGo?.();
    else stream?.destroy();
  }

  /** @returns undefined where none is to be had. */
  #open(): Promise<Duplex | undefined> {
    this.#opening ??= this.forwarder
      .connect()
      .then(
        (stream) => this.#take(stream),
        () => undefined,
      )
      .finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  #take(stream: Duplex): Duplex {
    this.#stream = stream;
    const isOurs = (): boolean => this.#stream === stream;
    const onData = (bytes: Buffer): void => {
      if (isOurs() && this.#current) this.#current.onData(bytes);
      else stream.destroy();
    };
    const onEnd = (): void => {
      if (isOurs() && this.#current) this.#current.onStreamEnd();
      else stream.destroy();
    };
    stream.on("error", () => undefined);
    stream.on("data", onData).on("end", onEnd);
    this.#letGo = () => void stream.off("data", onData).off("end", onEnd);
    stream.once("close", () => {
      if (!isOurs()) return;
      this.#stream = undefined;
      if (this.#current) this.#current.cut();
      // The viewer closed the idle connection.
      else if (this.underWay === 0 && !this.#isRetired) this.#local.end();
    });
    const isUnasked = stream.readableLength > 0;
    if (isUnasked || this.#local.destroyed || (this.#isRetired && !this.#current)) stream.destroy();
    return stream;
  }

  #destroyIdle(): void {
    if (!this.#current) this.#stream?.destroy();
  }
}
