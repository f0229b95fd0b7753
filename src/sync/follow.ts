import { Emitter, nextEvent } from "../common/async/event.js";
import { Failure, type FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Connections } from "../ssh/connections.js";
import { isSshFailure } from "../ssh/model/failures.js";
import { reconnectVerdict } from "../ssh/model/retryClass.js";
import type { Target } from "../ssh/model/target.js";
import type { OpenFiles } from "./helper/openRemoteFiles.js";
import type { SyncFailure } from "./failures.js";
import type { RemoteFiles } from "./remote/remoteFiles.js";
import type { Sync, SyncEvent } from "./syncState.js";
import { keepTrying, type Trying } from "../common/async/keepTrying.js";
import { createWaiter } from "../common/async/pause.js";
import { type RetryPolicy, retrySchedule } from "../common/async/retryPolicy.js";

/** Runs passes over a root until it is stopped, through failures and lost connections. */
export interface Follower {
  /** Resolves when the root was listed, or when this ends; rejects with what went wrong where that comes first. */
  listed(): Promise<void>;
  /** Starts the next pass now instead of waiting for its time. */
  wake(): void;
  /** The same; resolves when the pass that begins next has ended, however it ends. */
  passAgain(): Promise<void>;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  readonly sync: Pick<Sync, "id" | "connectionId" | "host" | "target" | "root">;
  readonly connections: Connections;
  /** Connects to a host that was lost, asking nobody. */
  readonly connectAgain: (target: Target, signal: AbortSignal) => Promise<unknown>;
  readonly openFiles: OpenFiles;
  readonly pass: (files: RemoteFiles, signal: AbortSignal, news: PassNews) => Promise<void>;
  /** Seconds from a pass to the next. Asked anew each time. */
  readonly interval: () => number;
  readonly onEvent: (event: SyncEvent & { readonly kind: "connection-lost" | "pass-failed" }) => void;
  readonly logger: Logger;
}

/** What a pass tells while it goes on; each may be called any number of times. */
export interface PassNews {
  /** The root is listed. */
  readonly onListed: () => void;
  /** A file came: a failure after that is the first one in a row again. */
  readonly onFile: () => void;
}

type News =
  | { readonly kind: "listed" }
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly error: unknown };

/** When a lost host is connected to again, and a failed pass is made again. */
const retryPolicy: RetryPolicy = { firstDelay: 0, base: 2_000, cap: 300_000, jitter: [0.5, 1] };
const firstRetry = retrySchedule(retryPolicy).next();
/** Milliseconds between a channel's end and that of its connection. */
const lostGrace = 100;

export function follow(options: FollowOptions): Follower {
  return new RootFollower(options);
}

class RootFollower implements Follower {
  readonly #options: FollowOptions;
  readonly #name: string;
  readonly #stopping = new AbortController();
  readonly #signal = this.#stopping.signal;
  readonly #waiter = createWaiter();
  readonly #news = new Emitter<News>();
  readonly #ended: Promise<void>;
  #remote: { readonly connection: Connection; readonly files: RemoteFiles } | undefined;
  #retry = firstRetry;
  #isPassing = false;
  /** Set while the host is out of reach. */
  #trying: Trying<void> | undefined;
  #isHeld = false;
  #isStuck = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#name = `sync ${options.sync.id} of ${options.sync.host}`;
    // Not before whoever begins this listens.
    this.#ended = Promise.resolve().then(() => this.#loop());
  }

  async listed(): Promise<void> {
    const first = await Promise.race([nextEvent(this.#news.event), this.#ended]);
    if (first?.kind === "failed") throw first.error;
  }

  wake(): void {
    if (!this.#trying) this.#waiter.wake();
    else if (this.#isHeld) this.#fail("connection-lost", this.#offline());
    else this.#trying.tryNow();
  }

  async passAgain(): Promise<void> {
    let left = this.#isPassing ? 2 : 1;
    const next = nextEvent(this.#news.event, ({ kind }) => kind !== "listed" && (left -= 1) === 0);
    this.wake();
    await Promise.race([next, this.#ended]);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#ended;
  }

  async #loop(): Promise<void> {
    const waking = this.#options.connections.onDidChange(() => {
      const connection = this.#live();
      if (!connection) return;
      if (this.#isStuck && connection !== this.#remote?.connection) this.#waiter.wake();
      this.#trying?.retry(false);
    });
    try {
      while (!this.#signal.aborted) {
        const connection = this.#live();
        await (connection ? this.#passOver(connection) : this.#awaitConnection());
      }
    } finally {
      waking.dispose();
      this.#letGo();
    }
  }

  async #passOver(connection: Connection): Promise<void> {
    const { pass, interval, logger } = this.#options;
    const news: PassNews = {
      onListed: () => this.#news.fire({ kind: "listed" }),
      onFile: () => (this.#retry = firstRetry),
    };
    try {
      const files = await this.#filesOn(connection);
      this.#isPassing = true;
      await pass(files, this.#signal, news).finally(() => (this.#isPassing = false));
      this.#retry = firstRetry;
      this.#news.fire({ kind: "passed" });
      await this.#waiter.wait(interval() * 1_000, this.#signal);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (connection.state !== "open" || isSshFailure(error, "connection-lost")) {
        // The channel may hear of it before the connection does.
        await this.#waiter.wait(lostGrace, this.#signal);
        return;
      }
      logger.warn(`${this.#name}: ${String(error)}`);
      this.#fail("pass-failed", error);
      await this.#waitStuck();
    }
  }

  /** Waits for the time of another try; a new connection cuts it short. */
  async #waitStuck(): Promise<void> {
    this.#isStuck = true;
    await this.#waiter.wait(this.#retry.delay, this.#signal);
    this.#isStuck = false;
    this.#retry = this.#retry.next();
  }

  /** Connects again, asking nobody, until that or somebody else has; what needs a person waits for one to connect. */
  async #awaitConnection(): Promise<void> {
    this.#letGo();
    this.#fail("connection-lost", this.#offline());
    this.#trying = keepTrying({
      policy: retryPolicy,
      open: async () => {
        if (!this.#live()) await this.#openAgain();
        if (!this.#live()) throw this.#offline();
      },
      judge: (error) => {
        this.#options.logger.info(`${this.#name}: not reconnected: ${String(error)}`);
        this.#fail("connection-lost", this.#offline());
        return reconnectVerdict(error);
      },
      onWait: ({ kind }) => (this.#isHeld = kind === "held"),
      signal: this.#signal,
    });
    await this.#trying.opened.catch(() => undefined);
    this.#trying = undefined;
  }

  /** As it was opened first, where that is remembered. */
  #openAgain(): Promise<unknown> {
    const { connections, connectAgain, sync } = this.#options;
    return connections.isKnown(sync.connectionId)
      ? connections.reopen(sync.connectionId, false, this.#signal)
      : connectAgain(sync.target, this.#signal);
  }

  #live(): Connection | undefined {
    const { connections, sync } = this.#options;
    return openConnectionOf(connections, sync.connectionId);
  }

  async #filesOn(connection: Connection): Promise<RemoteFiles> {
    if (this.#remote?.connection === connection) return this.#remote.files;
    this.#letGo();
    const files = await this.#options.openFiles(connection, { signal: this.#signal });
    this.#remote = { connection, files };
    return files;
  }

  #letGo(): void {
    this.#remote?.files.close();
    this.#remote = undefined;
  }

  #fail(kind: "connection-lost" | "pass-failed", error: unknown): void {
    const { onEvent, sync } = this.#options;
    const failure = detailOf(error, sync.host);
    const nextAt = Date.now() + this.#retry.delay;
    onEvent(kind === "pass-failed" ? { kind, failure, nextAt } : { kind, failure });
    this.#news.fire({ kind: "failed", error });
  }

  #offline(): Failure<SyncFailure> {
    const { host, root } = this.#options.sync;
    return new Failure<SyncFailure>({ code: "sync-offline", host, path: root });
  }
}

/** The connection of this id where it can be used. */
export function openConnectionOf(connections: Connections, id: string): Connection | undefined {
  const connection = connections.get(id);
  return connection?.state === "open" ? connection : undefined;
}

function detailOf(error: unknown, host: string): FailureDetail {
  if (error instanceof Failure) return error.detail;
  const output = error instanceof Error ? error.message : String(error);
  const failure: SyncFailure = { code: "sync-helper-failed", host, output };
  return failure;
}
