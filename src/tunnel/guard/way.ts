import { Agent } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What carries streams to the viewer. */
export interface Upstream {
  connect(): Promise<Duplex>;
  /** Whether the end that a stream just came to was the viewer's own, and not that of the way there. */
  isEndReal(): Promise<boolean>;
}

/**
 * One local connection's way to the viewer: a stream of its own, so that each end closes with the other, as without a guard.
 */
export class Way extends Agent {
  readonly #local: Socket;
  /** A stream that was opened before there was a request for it. */
  #ahead: Promise<Duplex> | undefined;
  #isRetired = false;
  readonly carrier: Upstream;
  /** Requests on the local connection that are not answered yet. */
  underWay = 0;

  /** What ETags carry on the local side. */
  readonly mark: string;

  constructor(local: Socket, carrier: Upstream, mark: string) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#local = local;
    this.carrier = carrier;
    this.mark = mark;
    local.once("close", () => {
      this.#closeAhead();
      this.destroy();
    });
  }

  /**
   * Opens the stream for the first request, while it is found out who asks, and what. Nothing is sent on it.
   * @returns when it is there, or there is none.
   */
  async openAhead(): Promise<void> {
    this.#ahead = this.#open();
    await this.#ahead.catch(() => undefined);
  }

  override createConnection(
    _options: unknown,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#next().then(
      (stream) => done?.(null, likeSocket(stream)),
      // The stream that there is not is not looked at.
      (error: Error) => done?.(error, this.#local),
    );
  }

  /** What comes from now on goes another way. */
  retire(): void {
    this.#isRetired = true;
    this.#closeAhead();
  }

  async #next(): Promise<Duplex> {
    const opening = this.#ahead;
    this.#ahead = undefined;
    const ahead = await opening?.catch(() => undefined);
    return ahead && !ahead.destroyed && !ahead.readableEnded ? ahead : this.#open();
  }

  async #open(): Promise<Duplex> {
    const stream = await this.carrier.connect();
    stream.on("error", () => undefined);
    stream.once("close", () => this.#hasClosed());
    // Node leaves one that waits for its next request half open.
    stream.once("end", () => {
      if (this.underWay === 0) stream.destroy();
    });
    if (this.#local.destroyed) stream.destroy();
    return stream;
  }

  #closeAhead(): void {
    void this.#ahead?.then(
      (stream) => stream.destroy(),
      () => undefined,
    );
    this.#ahead = undefined;
  }

  /** The viewer is tired of waiting for another request. */
  #hasClosed(): void {
    if (this.underWay === 0 && !this.#isRetired) this.#local.end();
  }
}

/** What Node's HTTP client calls on a stream, where it is a channel of an SSH connection. */
function likeSocket(stream: Duplex): Duplex {
  if (stream instanceof Socket) return stream;
  const nothing = (): Duplex => stream;
  return Object.assign(stream, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => stream.destroy(),
  });
}
