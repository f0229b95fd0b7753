import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Emitter, type Event } from "../common/event.js";
import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Connections } from "../ssh/connections.js";
import type { Target } from "../ssh/target.js";
import { absoluteRoot } from "./absoluteRoot.js";
import { cacheFolderOf } from "./cache.js";
import type { FetchOptions, LocalFile } from "./localFile.js";
import type { SyncMode } from "./layout.js";
import type { ManifestEntry } from "./manifest.js";
import type { SyncFailure } from "./remoteFiles.js";
import type { Run } from "./runs.js";
import { createSyncLife, type SyncLife } from "./syncLife.js";
import { listRecords, readRecord, writeRecord } from "./syncRecord.js";
import type { Sync } from "./syncState.js";

export interface SyncRequest {
  /** Absolute path on the host, or one that starts with `~/`. */
  readonly root: string;
  readonly mode: SyncMode;
  /** Seconds between two passes. Default: 300 in smart mode, 2 in mirror mode. */
  readonly interval?: number | undefined;
  /**
   * Whether it goes on by itself whenever this host is connected to again, in this program or the next, until it is
   * stopped. Default: as it was.
   */
  readonly wanted?: boolean | undefined;
}

/** The roots that are, or were, synchronised to this machine. */
export interface Syncs {
  /** Reads what other windows did as well. */
  list(): Promise<readonly Sync[]>;
  get(id: string): Promise<Sync | undefined>;
  /** Something about a root changed, or its files did. The id of the root. */
  readonly onDidChange: Event<string>;
  /**
   * Switches a mode on; the first pass begins at once and in the background. Doing it again changes mode and interval.
   * @throws Failure with a `SyncFailure` or `SshFailure` when the root cannot be listed.
   */
  start(connection: Connection, request: SyncRequest, signal?: AbortSignal): Promise<Sync>;
  /** Switches it off, for good; what was copied stays. Resolves when nothing is under way. */
  stop(id: string): Promise<void>;
  /** Ends what is under way with a host that is about to be disconnected; what is wanted goes on at the next connection. */
  pauseAll(connectionId: string): Promise<void>;
  /** Passes now, and resolves when it is done. */
  syncNow(id: string): Promise<void>;
  /** Stops, and removes what was copied. */
  forget(id: string): Promise<void>;
  runs(id?: string): Promise<readonly Run[]>;
  /** What is known of the files of a root: how the host has them, and what is here. */
  entries(id: string): Promise<ReadonlyMap<string, ManifestEntry>>;
  /**
   * Brings a file, or what is new of it; where the host cannot be reached, what is here serves.
   * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled.
   */
  fetch(id: string, path: string, options?: FetchOptions): Promise<LocalFile>;
  /** Ends what is under way and lets go of what is open; what is wanted goes on in the next program. */
  close(): Promise<void>;
  /** Where the copied files of a root are. */
  folder(id: string): string;
}

export interface SyncsOptions {
  /** Absolute path of a folder of ours. */
  readonly dataFolder: string;
  readonly connections: Connections;
  /** Connects to a host that was lost, asking nobody. */
  readonly connectAgain: (target: Target, signal: AbortSignal) => Promise<unknown>;
  readonly logger: Logger;
  /** Bytes that files fetched on demand may take in each root that smart mode keeps. Asked anew each time. */
  readonly onDemandLimit?: (() => number) | undefined;
}

const defaultOnDemandLimit = 2 * 1024 ** 3;
const defaultInterval: Readonly<Record<SyncMode, number>> = { smart: 300, mirror: 2 };

export function createSyncs({
  dataFolder,
  connections,
  connectAgain,
  logger,
  onDemandLimit = () => defaultOnDemandLimit,
}: SyncsOptions): Syncs {
  const changed = new Emitter<string>();
  const lives = new Map<string, Promise<SyncLife | undefined>>();
  const folderOf = (id: string): string => join(dataFolder, "sync", id);

  const open = (id: string): Promise<SyncLife | undefined> => {
    const present = lives.get(id);
    if (present) return present;
    const opening = (async () => {
      const found = /^[0-9a-f]{24}$/.test(id) ? await readRecord(folderOf(id)) : undefined;
      if (!found) {
        lives.delete(id);
        return undefined;
      }
      const { record, syncedAt } = found;
      return createSyncLife({
        id,
        folder: folderOf(id),
        record,
        syncedAt: syncedAt > 0 ? syncedAt : undefined,
        connections,
        connectAgain,
        logger,
        onDemandLimit,
        onDidChange: () => changed.fire(id),
      });
    })();
    lives.set(id, opening);
    return opening;
  };
  /** Goes on with what is wanted of a host that was connected to. */
  const resumeAll = async (connectionId: string): Promise<void> => {
    for (const id of await listRecords(dataFolder)) {
      const record = (await readRecord(folderOf(id)))?.record;
      if (!record?.wanted || record.connectionId !== connectionId) continue;
      (await open(id))?.resume(record);
    }
  };
  const met = new WeakSet<Connection>();
  const resuming = new Set<Promise<void>>();
  const listening = connections.onDidChange(() => {
    for (const connection of connections.all) {
      if (met.has(connection)) continue;
      met.add(connection);
      const work = resumeAll(connection.id)
        .catch((error: unknown) => logger.warn(`what is synchronised was not resumed: ${String(error)}`))
        .finally(() => resuming.delete(work));
      resuming.add(work);
    }
  });

  const existing = async (id: string): Promise<SyncLife> => {
    const life = await open(id);
    if (life) return life;
    throw new Failure<SyncFailure>({ code: "sync-not-known", id });
  };
  const all = async (): Promise<readonly SyncLife[]> => {
    const opened = await Promise.all((await listRecords(dataFolder)).map(open));
    return opened.filter((life) => life !== undefined);
  };

  const forget = async (id: string): Promise<void> => {
    await (await open(id))?.close();
    lives.delete(id);
    if (/^[0-9a-f]{24}$/.test(id)) await rm(folderOf(id), { recursive: true, force: true, maxRetries: 5 });
    changed.fire(id);
  };

  return {
    onDidChange: changed.event,
    list: async () => {
      const lives = await all();
      await Promise.all(lives.map((life) => life.lookAgain()));
      return lives.map(({ sync }) => sync).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    get: async (id) => (await open(id))?.sync,
    start: async (connection, request, signal) => {
      const root = await absoluteRoot(connection, request.root, signal);
      const folder = cacheFolderOf(dataFolder, connection.id, root);
      const { mode } = request;
      const interval = request.interval ?? defaultInterval[mode];
      const { target, id: connectionId } = connection;
      const { host, user, port } = target;
      const before = (await readRecord(folder))?.record;
      const wanted = request.wanted ?? before?.wanted ?? false;
      await writeRecord(folder, {
        connectionId,
        host,
        target: { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) },
        root,
        mode,
        interval,
        wanted,
      });
      const life = await existing(basename(folder));
      try {
        await life.start({ mode, interval, wanted }, signal);
      } catch (error) {
        // Nothing was ever copied: nothing is worth a place in the lists.
        if (!before) await forget(life.sync.id);
        else if (life.sync.state.kind === "stopped") await life.want(before.wanted);
        throw error;
      }
      return life.sync;
    },
    stop: async (id) => {
      const life = await open(id);
      await life?.stop();
      await life?.want(false);
    },
    pauseAll: async (connectionId) => {
      // What just began to go on would connect again by itself.
      await Promise.all(resuming);
      const opened = await Promise.all(lives.values());
      const theirs = opened.filter((life) => life?.sync.connectionId === connectionId);
      await Promise.all(theirs.map(async (life) => life?.stop()));
    },
    syncNow: async (id) => (await existing(id)).syncNow(),
    forget,
    runs: async (id) => {
      const wanted = id === undefined ? await all() : [await existing(id)];
      return (await Promise.all(wanted.map((life) => life.runs()))).flat();
    },
    entries: async (id) => (await existing(id)).entries(),
    fetch: async (id, path, options = {}) => (await existing(id)).fetch(path, options),
    close: async () => {
      listening.dispose();
      await Promise.all(resuming);
      const opened = await Promise.all(lives.values());
      await Promise.all(opened.map(async (life) => life?.close()));
      lives.clear();
    },
    folder: (id) => join(folderOf(id), "files"),
  };
}
