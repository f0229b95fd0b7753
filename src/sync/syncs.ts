import { join } from "node:path";
import { Emitter, type Event } from "../common/async/event.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Connections } from "../ssh/connections.js";
import type { Target } from "../ssh/model/target.js";
import { isThisMachine } from "../ssh/model/thisMachine.js";
import { absoluteRoot } from "./remote/absoluteRoot.js";
import { shareRemoteFiles } from "./helper/openRemoteFiles.js";
import { cacheFolder, syncIdOf } from "./cache/cache.js";
import type { FetchOptions, LocalFile } from "./cache/localFile.js";
import type { Entries } from "./manifest/entryTable.js";
import type { Run } from "./runIndex/runs.js";
import { createLiveSyncs, isAnythingCopied, type LiveSyncs } from "./liveSyncs.js";
import type { CopyView } from "./localCopy.js";
import type { EndOptions, EndPiece } from "./readEnd.js";
import { resumeWanted } from "./resumeWanted.js";
import type { LiveSync } from "./liveSync.js";
import { noteRecord, type SyncRequest } from "./syncRecord.js";
import type { Sync } from "./syncState.js";
import { type Survey, surveyRoot } from "./survey.js";
import { type PartitionedRuns, partitionRuns } from "./partitionRuns.js";

/** The roots that are, or were, synchronised to this machine. */
export interface Syncs {
  /** Reads what other windows did as well. */
  list(): Promise<readonly Sync[]>;
  get(id: string): Promise<Sync | undefined>;
  /** Something about a root changed, or its files did. The id of the root. */
  readonly onDidChange: Event<string>;
  /**
   * Switches a mode on; the first pass begins at once and in the background. Doing it again changes mode, interval and
   * choices.
   * @throws Failure with a `SyncFailure` or `SshFailure` when the root cannot be listed.
   */
  start(connection: Connection, request: SyncRequest, signal?: AbortSignal): Promise<Sync>;
  /**
   * Lists a root before its mode is switched on, for how much it would copy. Nothing is fetched.
   * @throws as `start` does.
   */
  survey(connection: Connection, root: string, signal?: AbortSignal): Promise<Survey>;
  /** Switches it off until the user starts it again; the copy stays. Resolves when nothing is running. */
  stop(id: string): Promise<void>;
  /** Ends what is under way with a host that is about to be disconnected; what is wanted goes on at the next connection. */
  pauseAll(connectionId: string): Promise<void>;
  /** Asks with each pass whether runs that say they are running do, instead of now and then: somebody waits for it. */
  lookClosely(id: string, isWanted: boolean): void;
  /** Runs a pass now; resolves when it has ended. */
  syncNow(id: string): Promise<void>;
  /** A person says that what is gone from the host, as `sync-much-gone` tells, is to go here too. Nothing else says so. */
  removeGone(id: string): Promise<void>;
  /** Stops, and removes what was copied. */
  forget(id: string): Promise<void>;
  /** Newest first within each root; without those that were deleted in Runicorn, or are kept here alone. */
  runs(id?: string): Promise<readonly Run[]>;
  /** How many runs there are beside those and the deleted ones: see `RunIndex`. */
  runsLeftOut(id?: string): Promise<number>;
  /** Those that were deleted in Runicorn, for as long as their files are on the host. */
  deletedRuns(id?: string): Promise<readonly Run[]>;
  /** Those that are gone from the host, and kept here. */
  keptRuns(id?: string): Promise<readonly Run[]>;
  /** The folder of a run now, relative to its root: Runicorn moves runs, and people rename the folders above them. */
  folderOfRun(run: Pick<Run, "syncId" | "id" | "folder">): Promise<string>;
  /** What is known of the files of a root: how the host has them, and what is here. */
  entries(id: string): Promise<Entries>;
  /** What is here of a root, to be read without the host. */
  view(id: string): Promise<CopyView>;
  /**
   * Brings a file, or what is new of it; where the host cannot be reached, what is here serves.
   * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled.
   */
  fetch(id: string, path: string, options?: FetchOptions): Promise<LocalFile>;
  /**
   * Reads the end of a file, or what came since, without bringing all of it.
   * @throws as `fetch` does.
   */
  readEnd(id: string, path: string, options: EndOptions): Promise<EndPiece>;
  /** Whether a copy follows a root of this connection, which is opened again for it when it was lost. */
  needs(connectionId: string): boolean;
  /** Stops everything and closes files; wanted syncs resume in the next process. */
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

export function createSyncs({
  dataFolder,
  connections,
  connectAgain,
  logger,
  onDemandLimit = () => defaultOnDemandLimit,
}: SyncsOptions): Syncs {
  const changed = new Emitter<string>();
  const onDidChange = (id: string): void => changed.fire(id);
  // What a person opens waits for no pass.
  const [openFiles, openSingleFiles] = [shareRemoteFiles(), shareRemoteFiles()];
  const files = { openFiles, openSingleFiles };
  const parts = { dataFolder, connections, connectAgain, logger, onDemandLimit, onDidChange, ...files };
  const liveSyncs = createLiveSyncs(parts);
  const resuming = resumeWanted({ dataFolder, connections, liveSyncs, logger });
  const eachOf = async <T>(id: string | undefined, ask: (live: LiveSync) => Promise<T>): Promise<T[]> => {
    const wanted = id === undefined ? await liveSyncs.all() : [await liveSyncs.existing(id)];
    return Promise.all(wanted.map(ask));
  };
  const allRuns = async (id: string | undefined, which: keyof PartitionedRuns): Promise<readonly Run[]> =>
    (await eachOf(id, async (live) => partitionRuns(await live.runs(), live.sync.keepGone)[which])).flat();

  return {
    onDidChange: changed.event,
    list: async () => {
      const all = await liveSyncs.all();
      await Promise.all(all.map((live) => live.lookAgain()));
      return all.map(({ sync }) => sync).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    get: async (id) => (await liveSyncs.open(id))?.sync,
    start: (connection, request, signal) => startSync(dataFolder, liveSyncs, connection, request, signal),
    survey: (connection, root, signal) =>
      surveyRoot({ dataFolder, liveSyncs, openFiles }, connection, root, signal),
    stop: async (id) => {
      const live = await liveSyncs.open(id);
      await live?.stop();
      await live?.want(false);
    },
    pauseAll: async (connectionId) => {
      // A sync that just resumed would reconnect by itself.
      await resuming.settled();
      const theirs = (await liveSyncs.opened()).filter(({ sync }) => sync.connectionId === connectionId);
      await Promise.all(theirs.map((live) => live.stop()));
    },
    lookClosely: (id, isWanted) => void liveSyncs.open(id).then((live) => live?.lookClosely(isWanted)),
    syncNow: async (id) => (await liveSyncs.existing(id)).syncNow(),
    removeGone: async (id) => (await liveSyncs.existing(id)).removeGone(),
    forget: (id) => liveSyncs.forget(id),
    runs: (id) => allRuns(id, "here"),
    runsLeftOut: async (id) => {
      const counts = await eachOf(id, (live) => live.runsLeftOut());
      return counts.reduce((sum, count) => sum + count, 0);
    },
    deletedRuns: (id) => allRuns(id, "deleted"),
    keptRuns: (id) => allRuns(id, "kept"),
    folderOfRun: async ({ syncId, id, folder }) => {
      const live = await liveSyncs.existing(syncId);
      const entries = await live.entries();
      const isThere = ["meta.json", "status.json"].some((name) => entries.get(`${folder}/${name}`)?.seen);
      const moved = isThere ? undefined : (await live.runs()).find((run) => run.id === id);
      return moved?.folder ?? folder;
    },
    view: async (id) => (await liveSyncs.existing(id)).view(),
    entries: async (id) => (await liveSyncs.existing(id)).entries(),
    fetch: async (id, path, options = {}) => (await liveSyncs.existing(id)).fetch(path, options),
    readEnd: async (id, path, options) => (await liveSyncs.existing(id)).readEnd(path, options),
    close: async () => {
      resuming.dispose();
      await resuming.settled();
      await liveSyncs.closeAll();
    },
    needs: (connectionId) =>
      liveSyncs.present.some(
        ({ sync }) => sync.connectionId === connectionId && sync.state.kind !== "stopped",
      ),
    folder: (id) => {
      const sync = liveSyncs.present.find((live) => live.sync.id === id)?.sync;
      return sync?.mode === "in-place" ? sync.root : join(cacheFolder(dataFolder, id), "files");
    },
  };
}

/** Switches a mode on. What fails before anything was copied leaves nothing behind. */
async function startSync(
  dataFolder: string,
  liveSyncs: LiveSyncs,
  connection: Connection,
  request: SyncRequest,
  signal: AbortSignal | undefined,
): Promise<Sync> {
  const root = await absoluteRoot(connection, request.root, signal);
  const isInPlace = request.mode === "in-place";
  if (isInPlace && !isThisMachine(connection.target)) throw new RangeError("the root is on another machine");
  const folder = cacheFolder(dataFolder, syncIdOf(connection.id, root, isInPlace));
  // What was chosen for a copy without a record is not known: nothing is removed from it before somebody chooses.
  const isOrphan = await isAnythingCopied(folder);
  const { id, before, record } = await noteRecord(dataFolder, connection, { ...request, root }, isOrphan);
  const { mode, interval, wanted, keepGone, exclude } = record;
  const live = await liveSyncs.existing(id);
  try {
    await live.start({ mode, interval, wanted, keepGone, exclude }, { isNew: !before, signal });
  } catch (error) {
    if (live.sync.state.kind === "stopped") await live.want(before?.wanted ?? false);
    // Nothing was ever copied: do not list it.
    if (!before) await liveSyncs.forgetEmpty(id);
    throw error;
  }
  return live.sync;
}
