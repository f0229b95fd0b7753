import { Emitter, nextEvent } from "../common/event.js";
import { Failure, type FailureDetail, isFailure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Connections } from "../ssh/connections.js";
import type { SshFailure } from "../ssh/failures.js";
import type { Target } from "../ssh/target.js";
import { openRemoteFiles } from "./portable.js";
import type { RemoteFiles, SyncFailure } from "./remoteFiles.js";
import type { Sync, SyncEvent } from "./syncState.js";
import { createWaiter } from "./waiter.js";

/** Passes over a root, one after the other, for as long as it is wanted: through failures and lost connections. */
export interface Follower {
  /** Resolves when the root was listed, or when this ends; rejects with what went wrong where that comes first. */
  listed(): Promise<void>;
  /** Passes now, where it waits for the time to do so. */
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
  /** One pass. `onListed` may be called any number of times, from when the root is listed. */
  readonly pass: (files: RemoteFiles, signal: AbortSignal, onListed: () => void) => Promise<void>;
  /** Seconds from a pass to the next. Asked anew each time. */
  readonly interval: () => number;
  readonly onEvent: (event: SyncEvent & { readonly kind: "connection-lost" | "pass-failed" }) => void;
  readonly logger: Logger;
}

type News =
  | { readonly kind: "listed" }
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly error: unknown };

/** Milliseconds before the first new try after a failure; doubled each time. */
const firstRetry = 2_000;
const longestRetry = 300_000;
/** Why a connection fails that may succeed a little later. Anything else, such as a wrong password, needs a person. */
const worthAnotherTry: ReadonlySet<string> = new Set<SshFailure["code"]>([
  "host-not-found",
  "connection-refused",
  "connect-timed-out",
  "network-unreachable",
  "connection-lost",
]);
/** Milliseconds between a channel's end and that of its connection. */
const lostGrace = 100;

export function follow(options: FollowOptions): Follower {
  const { sync, connections, connectAgain, pass, interval, onEvent, logger } = options;
  const name = `sync ${sync.id} of ${sync.host}`;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiter = createWaiter();
  const news = new Emitter<News>();
  let remote: { readonly connection: Connection; readonly files: RemoteFiles } | undefined;
  let retry = firstRetry;
  let mayReconnect = true;
  let passing = false;
  let isStuck = false;

  const live = (): Connection | undefined => openConnectionOf(connections, sync.connectionId);

  const letGo = (): void => {
    remote?.files.close();
    remote = undefined;
  };

  const filesOn = async (connection: Connection): Promise<RemoteFiles> => {
    if (remote?.connection === connection) return remote.files;
    letGo();
    const files = await openRemoteFiles(connection, signal);
    remote = { connection, files };
    return files;
  };

  /** Waits for the time of another try; a new connection cuts it short. */
  const waitStuck = async (milliseconds: number): Promise<void> => {
    isStuck = true;
    await waiter.wait(milliseconds, signal);
    isStuck = false;
    retry = Math.min(retry * 2, longestRetry);
  };

  const fail = (kind: "connection-lost" | "pass-failed", error: unknown): void => {
    const failure = detailOf(error, sync.host);
    onEvent(kind === "pass-failed" ? { kind, failure, nextAt: Date.now() + retry } : { kind, failure });
    news.fire({ kind: "failed", error });
  };

  /** Returns whether another try is worth it. */
  const reconnect = async (): Promise<boolean> => {
    try {
      await connectAgain(sync.target, signal);
      return true;
    } catch (error) {
      if (!signal.aborted) logger.info(`${name}: not reconnected: ${String(error)}`);
      return error instanceof Failure && worthAnotherTry.has((error as Failure).detail.code);
    }
  };

  const awaitConnection = async (): Promise<void> => {
    letGo();
    fail(
      "connection-lost",
      new Failure<SyncFailure>({ code: "sync-offline", host: sync.host, path: sync.root }),
    );
    // A first try at once, then at growing distances; what needs a person waits for one to connect.
    mayReconnect = mayReconnect && (await reconnect());
    if (live() || signal.aborted) return;
    await waitStuck(mayReconnect ? retry : longestRetry);
  };

  const passOver = async (connection: Connection): Promise<void> => {
    mayReconnect = true;
    try {
      const files = await filesOn(connection);
      passing = true;
      await pass(files, signal, () => news.fire({ kind: "listed" })).finally(() => (passing = false));
      retry = firstRetry;
      news.fire({ kind: "passed" });
      await waiter.wait(interval() * 1_000, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (connection.state !== "open" || isFailure(error, "connection-lost")) {
        // The channel may hear of it before the connection does.
        await waiter.wait(lostGrace, signal);
        return;
      }
      logger.warn(`${name}: ${String(error)}`);
      fail("pass-failed", error);
      await waitStuck(retry);
    }
  };

  const loop = async (): Promise<void> => {
    const waking = connections.onDidChange(() => {
      if (isStuck && live() && live() !== remote?.connection) waiter.wake();
    });
    try {
      while (!signal.aborted) {
        const connection = live();
        await (connection ? passOver(connection) : awaitConnection());
      }
    } finally {
      waking.dispose();
      letGo();
    }
  };
  // Not before whoever begins this listens.
  const ended = Promise.resolve().then(loop);

  return {
    listed: async () => {
      const first = await Promise.race([nextEvent(news.event), ended]);
      if (first?.kind === "failed") throw first.error;
    },
    wake: () => waiter.wake(),
    passAgain: async () => {
      let left = passing ? 2 : 1;
      const next = nextEvent(news.event, ({ kind }) => kind !== "listed" && (left -= 1) === 0);
      waiter.wake();
      await Promise.race([next, ended]);
    },
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

/** The connection of this id where it can be used. */
export function openConnectionOf(connections: Connections, id: string): Connection | undefined {
  const connection = connections.get(id);
  return connection?.state === "open" ? connection : undefined;
}

function detailOf(error: unknown, host: string): FailureDetail {
  if (error instanceof Failure) return (error as Failure).detail;
  const output = error instanceof Error ? error.message : String(error);
  return { code: "sync-helper-failed", host, output } as SyncFailure;
}
