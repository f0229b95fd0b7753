import { type FSWatcher, watch } from "node:fs";
import { Emitter, nextEvent } from "../common/event.js";
import { Cancelled, Failure, type FailureDetail, isFailure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Connections } from "../ssh/connections.js";
import type { SshFailure } from "../ssh/failures.js";
import type { Target } from "../ssh/target.js";
import { type Cache, openCache } from "./cache.js";
import { createFetcher } from "./fetcher.js";
import { fetchFile } from "./fetchFile.js";
import { isSafePath } from "./listing.js";
import type { FetchOptions, LocalFile } from "./localFile.js";
import type { SyncMode } from "./layout.js";
import { createLinkSpeed } from "./linkSpeed.js";
import { isSameContent, type ManifestEntry } from "./manifest.js";
import { runPass } from "./pass.js";
import type { PassProgress } from "./passOptions.js";
import { openRemoteFiles } from "./portable.js";
import type { RemoteFiles, Stamp, SyncFailure } from "./remoteFiles.js";
import { createRunIndex, type Run, type RunIndex } from "./runs.js";
import { noteSynced, readRecord, type SyncRecord } from "./syncRecord.js";
import { reduceSync, type Sync, type SyncEvent } from "./syncState.js";
import { createWaiter } from "./waiter.js";

/** One synchronised root in this program: its cache, and the loop that keeps it fresh. */
export interface SyncLife {
  readonly sync: Sync;
  /** Resolves when the root was listed for the first time; rejects when that fails, and then nothing goes on. */
  start(mode: SyncMode, interval: number, signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
  syncNow(): Promise<void>;
  runs(): Promise<readonly Run[]>;
  entries(): Promise<ReadonlyMap<string, ManifestEntry>>;
  fetch(path: string, options: FetchOptions): Promise<LocalFile>;
  /** Reads what another window wrote. */
  lookAgain(): Promise<void>;
}

export interface SyncLifeOptions {
  readonly id: string;
  readonly folder: string;
  readonly record: SyncRecord;
  readonly syncedAt: number | undefined;
  readonly connections: Connections;
  /** Connects to a host that was lost, asking nobody. */
  readonly connectAgain: (target: Target, signal: AbortSignal) => Promise<unknown>;
  readonly logger: Logger;
  readonly onDemandLimit: () => number;
  readonly onDidChange: () => void;
}

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
/** Milliseconds in which the changes of another window are taken together. */
const watchDelay = 300;

export function createSyncLife(options: SyncLifeOptions): SyncLife {
  const { id, folder, record, connections, connectAgain, logger, onDidChange } = options;
  const link = createLinkSpeed();
  let sync: Sync = {
    id,
    ...record,
    state: { kind: "stopped" },
    syncedAt: options.syncedAt,
    startedAt: undefined,
    skipped: [],
    stats: { copiedFiles: 0, transferredBytes: 0, scans: 0 },
  };
  let opened: Promise<{ cache: Cache; index: RunIndex }> | undefined;
  let watcher: FSWatcher | undefined;
  let running: { readonly stop: AbortController; readonly loop: Promise<void> } | undefined;
  const waiter = createWaiter();
  const passed = new Emitter<void>();
  let passing = false;
  const fetcher = createFetcher();

  const apply = (event: SyncEvent): void => {
    const state = reduceSync(sync.state, event);
    if (state === sync.state) return;
    if (state.kind !== sync.state.kind) logger.debug(`sync ${id} of ${sync.host}: ${state.kind}`);
    sync = { ...sync, state };
    onDidChange();
  };

  const open = (): Promise<{ cache: Cache; index: RunIndex }> =>
    (opened ??= openCache(folder).then((cache) => {
      watcher = watchFolder(folder, () => void lookAgain());
      return { cache, index: createRunIndex(id, cache) };
    }));

  const lookAgain = async (): Promise<void> => {
    if (running || !opened) return;
    const { cache } = await opened;
    const news = await cache.lookAgain();
    const synced = (await readRecord(folder))?.syncedAt || undefined;
    if (!news && synced === sync.syncedAt) return;
    sync = { ...sync, syncedAt: synced };
    onDidChange();
  };

  /** One pass; returns how long to wait for the next, in milliseconds. */
  const pass = async (remote: RemoteFiles, signal: AbortSignal, onNews: () => void): Promise<void> => {
    const { cache } = await open();
    const onProgress = (progress: PassProgress): void => {
      if (progress.kind === "transferring") onNews();
      apply(progress);
    };
    const { mode, root } = sync;
    const { changedFiles, transferredBytes, skipped } = await runPass({
      remote,
      cache,
      root,
      mode,
      link,
      signal,
      onProgress,
    });
    const syncedAt = Date.now();
    await noteSynced(folder, syncedAt);
    const { stats } = sync;
    sync = {
      ...sync,
      syncedAt,
      skipped,
      stats: {
        copiedFiles: stats.copiedFiles + changedFiles,
        transferredBytes: stats.transferredBytes + transferredBytes,
        scans: stats.scans + 1,
      },
    };
    apply({ kind: "pass-done", nextAt: syncedAt + sync.interval * 1_000 });
    onNews();
  };

  const live = (): Connection | undefined => {
    const connection = connections.get(sync.connectionId);
    return connection?.state === "open" ? connection : undefined;
  };

  /** Connects without asking anybody. Returns whether another try is worth it. */
  const reconnect = async (signal: AbortSignal): Promise<boolean> => {
    try {
      await connectAgain(sync.target, signal);
      return true;
    } catch (error) {
      if (!signal.aborted) logger.info(`sync ${id} of ${sync.host}: not reconnected: ${String(error)}`);
      return error instanceof Failure && worthAnotherTry.has((error as Failure).detail.code);
    }
  };

  const loop = async (signal: AbortSignal, onNews: (failure?: unknown) => void): Promise<void> => {
    let remote: { readonly connection: Connection; readonly files: RemoteFiles } | undefined;
    let retry = firstRetry;
    let mayReconnect = true;
    const wake = connections.onDidChange(() => {
      const isStuck = sync.state.kind === "offline" || sync.state.kind === "failed";
      if (isStuck && live() && live() !== remote?.connection) waiter.wake();
    });
    try {
      while (!signal.aborted) {
        const connection = live();
        if (remote && remote.connection !== connection) remote.files.close();
        if (!connection) {
          remote = undefined;
          apply({ kind: "connection-lost", failure: offline(sync) });
          onNews(new Failure(offline(sync)));
          passed.fire();
          // A first try at once, then at growing distances; what needs a person waits for one to connect.
          mayReconnect = mayReconnect && (await reconnect(signal));
          if (live() || signal.aborted) continue;
          await waiter.wait(mayReconnect ? retry : longestRetry, signal);
          retry = Math.min(retry * 2, longestRetry);
          continue;
        }
        mayReconnect = true;
        try {
          if (remote?.connection !== connection) {
            remote = { connection, files: await openRemoteFiles(connection, signal) };
          }
          passing = true;
          await pass(remote.files, signal, onNews).finally(() => (passing = false));
          passed.fire();
          retry = firstRetry;
          await waiter.wait(sync.interval * 1_000, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (connection.state !== "open" || isFailure(error, "connection-lost")) {
            // The channel may hear of it before the connection does.
            await waiter.wait(lostGrace, signal);
            continue;
          }
          logger.warn(`sync ${id} of ${sync.host}: ${String(error)}`);
          apply({ kind: "pass-failed", failure: detailOf(error, sync.host), nextAt: Date.now() + retry });
          onNews(error);
          passed.fire();
          await waiter.wait(retry, signal);
          retry = Math.min(retry * 2, longestRetry);
        }
      }
    } finally {
      wake.dispose();
      remote?.files.close();
      passed.fire();
      passed.fire();
    }
  };

  /** Resolves when the pass that begins next has ended, however it ends. */
  const nextPass = (): Promise<void> => {
    let left = passing ? 2 : 1;
    return nextEvent(passed.event, () => (left -= 1) === 0);
  };

  const stop = async (): Promise<void> => {
    const was = running;
    was?.stop.abort();
    await was?.loop;
    if (running === was) running = undefined;
    apply({ kind: "stop-requested" });
  };

  const life: SyncLife = {
    get sync() {
      return sync;
    },
    start: async (mode, interval, signal) => {
      sync = { ...sync, mode, interval };
      if (running) {
        onDidChange();
        return life.syncNow();
      }
      const controller = new AbortController();
      sync = {
        ...sync,
        startedAt: Date.now(),
        stats: { copiedFiles: 0, transferredBytes: 0, scans: 0 },
      };
      const onAbort = (): void => controller.abort();
      signal?.addEventListener("abort", onAbort, { once: true });
      let failure: Error | undefined;
      await new Promise<void>((resolve) => {
        const loopEnd = loop(controller.signal, (error) => {
          failure = error as Error | undefined;
          resolve();
        }).finally(resolve);
        running = { stop: controller, loop: loopEnd };
      });
      signal?.removeEventListener("abort", onAbort);
      if (signal?.aborted) failure = new Cancelled();
      if (failure === undefined) return;
      await stop();
      throw failure;
    },
    stop,
    close: async () => {
      await stop();
      fetcher.close();
      watcher?.close();
      opened = undefined;
    },
    syncNow: async () => {
      if (!running) return;
      const next = nextPass();
      waiter.wake();
      await next;
    },
    runs: async () => (await open()).index.list(),
    entries: async () => (await open()).cache.manifest.entries,
    fetch: async (path, { signal, onProgress }) => {
      const { host } = sync;
      if (!isSafePath(path)) throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
      const { cache } = await open();
      const file = cache.files.bytesOf(path);
      const entry = cache.manifest.get(path);
      const isKept = running && sync.mode === "mirror" && sync.state.kind === "waiting";
      if (isKept && entry?.held && entry.seen && isSameContent(entry.held, entry.seen))
        return { path: file, fresh: true };
      const connection = live();
      try {
        if (!connection) throw new Failure<SyncFailure>({ code: "sync-offline", host, path });
        const remote = await fetcher.open(connection, signal);
        await fetchFile(path, host, {
          remote,
          cache,
          root: sync.root,
          mode: sync.mode,
          link,
          limit: options.onDemandLimit(),
          signal: signal ?? new AbortController().signal,
          onProgress: (progress) => {
            if (progress.kind === "transferring") onProgress?.(progress.doneBytes, progress.totalBytes);
          },
        });
        if (!isSameFile(entry?.held, cache.manifest.get(path)?.held)) onDidChange();
        return { path: file, fresh: true };
      } catch (error) {
        const outOfReach = connection?.state !== "open" || isFailure(error, "connection-lost");
        if (!outOfReach || !cache.manifest.get(path)?.held) throw error;
        return { path: file, fresh: false };
      }
    },
    lookAgain,
  };
  return life;
}

function isSameFile(one: Stamp | undefined, other: Stamp | undefined): boolean {
  return one && other ? isSameContent(one, other) : one === other;
}

function watchFolder(folder: string, onChange: () => void): FSWatcher | undefined {
  let timer: NodeJS.Timeout | undefined;
  try {
    const watcher = watch(folder, { persistent: false }, () => {
      // Not put off by what comes meanwhile: a mirror changes something all the time.
      timer ??= setTimeout(() => {
        timer = undefined;
        onChange();
      }, watchDelay).unref();
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    // Some network disks cannot tell: then the lists are read again when they are shown.
    return undefined;
  }
}

function offline({ host, root }: Sync): SyncFailure {
  return { code: "sync-offline", host, path: root };
}

function detailOf(error: unknown, host: string): FailureDetail {
  if (error instanceof Failure) return (error as Failure).detail;
  const output = error instanceof Error ? error.message : String(error);
  return { code: "sync-helper-failed", host, output } as SyncFailure;
}
