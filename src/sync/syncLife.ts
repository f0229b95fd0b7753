import { Cancelled, orCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connections } from "../ssh/connections.js";
import type { Target } from "../ssh/target.js";
import { type Follower, follow, openConnectionOf } from "./follow.js";
import { createLinkSpeed } from "./linkSpeed.js";
import { createLocalCopy } from "./localCopy.js";
import type { FetchOptions, LocalFile } from "./localFile.js";
import type { ManifestEntry } from "./manifest.js";
import { createOnDemand } from "./onDemand.js";
import { runPass } from "./pass.js";
import type { PassProgress, PassResult } from "./passOptions.js";
import type { RemoteFiles } from "./remoteFiles.js";
import type { Run } from "./runs.js";
import { noteSynced, noteWanted, readRecord, type SyncRecord } from "./syncRecord.js";
import { reduceSync, type Sync, type SyncEvent, type SyncStats } from "./syncState.js";

/** One synchronised root in this program: its copy, what follows the host, and the state that is told of both. */
export interface SyncLife {
  readonly sync: Sync;
  /**
   * Resolves when the root was listed. Rejects when that fails: then nothing goes on, unless it did so before in the same
   * mode.
   */
  start(keeping: Keeping, signal?: AbortSignal): Promise<void>;
  /** Goes on as before, in the background; what fails is told by the state, and tried again. */
  resume(keeping: Keeping): void;
  stop(): Promise<void>;
  /** Notes whether it is to go on by itself. */
  want(wanted: boolean): Promise<void>;
  close(): Promise<void>;
  syncNow(): Promise<void>;
  runs(): Promise<readonly Run[]>;
  entries(): Promise<ReadonlyMap<string, ManifestEntry>>;
  fetch(path: string, options: FetchOptions): Promise<LocalFile>;
  /** Reads what another window wrote. */
  lookAgain(): Promise<void>;
}

/** How a root is kept. */
export type Keeping = Pick<SyncRecord, "mode" | "interval" | "wanted">;

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
    stats: nothingYet,
  };
  let follower: Follower | undefined;

  const apply = (event: SyncEvent): void => {
    const state = reduceSync(sync.state, event);
    if (state === sync.state) return;
    if (state.kind !== sync.state.kind) logger.debug(`sync ${id} of ${sync.host}: ${state.kind}`);
    sync = { ...sync, state };
    onDidChange();
  };

  const lookAgain = async (): Promise<void> => {
    if (follower) return;
    const news = copy.isOpen && (await (await copy.open()).cache.lookAgain());
    const found = await readRecord(folder);
    const syncedAt = found?.syncedAt || undefined;
    const { mode, interval, wanted } = found?.record ?? sync;
    const isSame = syncedAt === sync.syncedAt && mode === sync.mode && wanted === sync.wanted;
    if (follower || (isSame && !news)) return;
    sync = { ...sync, mode, interval, wanted, syncedAt };
    onDidChange();
  };

  const copy = createLocalCopy(id, folder, () => void lookAgain());
  const onDemand = createOnDemand({
    copy,
    sync: () => sync,
    connection: () => openConnectionOf(connections, sync.connectionId),
    link,
    limit: options.onDemandLimit,
    onDidChange,
  });

  const pass = async (remote: RemoteFiles, signal: AbortSignal, onListed: () => void): Promise<void> => {
    const { cache } = await copy.open();
    const { mode, root } = sync;
    const onProgress = (progress: PassProgress): void => {
      if (progress.kind === "transferring") onListed();
      apply(progress);
    };
    const result = await runPass({ remote, cache, root, mode, link, signal, onProgress });
    const syncedAt = Date.now();
    await noteSynced(folder, syncedAt);
    sync = { ...sync, syncedAt, skipped: result.skipped, stats: addPass(sync.stats, result) };
    apply({ kind: "pass-done", nextAt: syncedAt + sync.interval * 1_000 });
  };

  const begin = (keeping: Keeping): Follower => {
    sync = { ...sync, ...keeping, startedAt: Date.now(), stats: nothingYet };
    const interval = (): number => sync.interval;
    return (follower = follow({ sync, connections, connectAgain, pass, interval, onEvent: apply, logger }));
  };

  const stop = async (): Promise<void> => {
    const was = follower;
    await was?.stop();
    if (follower === was) follower = undefined;
    apply({ kind: "stop-requested" });
  };

  return {
    get sync() {
      return sync;
    },
    start: async (keeping, signal) => {
      if (follower && keeping.mode === sync.mode) {
        sync = { ...sync, ...keeping };
        onDidChange();
        follower.wake();
        return orCancelled(follower.listed(), signal);
      }
      await stop();
      const started = begin(keeping);
      const onAbort = (): void => void started.stop();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await started.listed();
        if (signal?.aborted) throw new Cancelled();
      } catch (error) {
        await stop();
        throw signal?.aborted ? new Cancelled() : error;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
    },
    resume: (keeping) => {
      if (!follower) begin(keeping);
    },
    stop,
    want: async (wanted) => {
      await noteWanted(folder, wanted);
      if (wanted === sync.wanted) return;
      sync = { ...sync, wanted };
      onDidChange();
    },
    close: async () => {
      await stop();
      onDemand.close();
      copy.close();
    },
    syncNow: async () => follower?.passAgain(),
    runs: async () => (await copy.open()).index.list(),
    entries: async () => (await copy.open()).cache.manifest.entries,
    fetch: (path, wanted) => onDemand.fetch(path, wanted),
    lookAgain,
  };
}

const nothingYet: SyncStats = { copiedFiles: 0, transferredBytes: 0, scans: 0 };

function addPass(
  { copiedFiles, transferredBytes, scans }: SyncStats,
  { changedFiles, transferredBytes: more }: PassResult,
): SyncStats {
  return {
    copiedFiles: copiedFiles + changedFiles,
    transferredBytes: transferredBytes + more,
    scans: scans + 1,
  };
}
