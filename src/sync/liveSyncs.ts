import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasErrorCode } from "../common/files/errorCode.js";
import { acquireLock, LockBusy } from "../common/files/lock.js";
import { removeTree } from "../common/files/replaceFile.js";
import { Failure } from "../common/failure.js";
import { cacheFolder } from "./cache/cache.js";
import type { SyncFailure } from "./failures.js";
import { createLiveSync, type LiveSync, type LiveSyncOptions } from "./liveSync.js";
import { listRecords, readRecord, removeRecord } from "./syncRecord.js";

/** The synchronized roots of this machine, each opened once, on first use. */
export interface LiveSyncs {
  /** Undefined where no root with this id was ever synchronised. */
  open(id: string): Promise<LiveSync | undefined>;
  /** @throws Failure `sync-not-known` */
  existing(id: string): Promise<LiveSync>;
  /** Every root there is a copy of; opens them all. */
  all(): Promise<readonly LiveSync[]>;
  /** Those that are open already. */
  opened(): Promise<readonly LiveSync[]>;
  /** The same without those that are being opened. */
  readonly present: readonly LiveSync[];
  /** Closes it and removes its copy. */
  forget(id: string): Promise<void>;
  /** Forgets it if nothing was copied and it is not wanted. */
  forgetEmpty(id: string): Promise<void>;
  /** Closes those that are open. */
  closeAll(): Promise<void>;
}

export interface LiveSyncsOptions extends Pick<
  LiveSyncOptions,
  "connections" | "connectAgain" | "logger" | "onDemandLimit" | "openFiles" | "openSingleFiles"
> {
  readonly dataFolder: string;
  readonly onDidChange: (id: string) => void;
}

export function createLiveSyncs({ dataFolder, onDidChange, ...options }: LiveSyncsOptions): LiveSyncs {
  const liveSyncs = new Map<string, Promise<LiveSync | undefined>>();
  const present = new Map<string, LiveSync>();

  const openNow = async (id: string): Promise<LiveSync | undefined> => {
    const folder = isSyncId(id) ? cacheFolder(dataFolder, id) : undefined;
    const found = folder === undefined ? undefined : await readRecord(folder);
    if (folder === undefined || !found) {
      liveSyncs.delete(id);
      return undefined;
    }
    const { record, syncedAt } = found;
    const live = createLiveSync({
      ...options,
      id,
      folder,
      record,
      syncedAt: syncedAt > 0 ? syncedAt : undefined,
      onDidChange: () => onDidChange(id),
    });
    present.set(id, live);
    return live;
  };

  const open: LiveSyncs["open"] = (id) => {
    const found = liveSyncs.get(id);
    if (found) return found;
    const opening = openNow(id);
    liveSyncs.set(id, opening);
    return opening;
  };

  const opened = async (): Promise<readonly LiveSync[]> => whole(await Promise.all(liveSyncs.values()));

  const forget: LiveSyncs["forget"] = async (id) => {
    await (await open(id))?.close();
    liveSyncs.delete(id);
    present.delete(id);
    if (isSyncId(id)) await removeCopy(cacheFolder(dataFolder, id));
    onDidChange(id);
  };

  return {
    open,
    existing: async (id) => {
      const live = await open(id);
      if (live) return live;
      throw new Failure<SyncFailure>({ code: "sync-not-known", id });
    },
    all: async () => whole(await Promise.all((await listRecords(dataFolder)).map(open))),
    opened,
    get present() {
      return [...present.values()];
    },
    forget,
    forgetEmpty: async (id) => {
      const folder = cacheFolder(dataFolder, id);
      // Another window may have begun to copy it meanwhile.
      const isWanted = (await readRecord(folder))?.record.wanted ?? true;
      if (!isWanted && !(await isAnythingCopied(folder))) await forget(id);
    },
    closeAll: async () => {
      await Promise.all((await opened()).map((live) => live.close()));
      liveSyncs.clear();
      present.clear();
    },
  };
}

/** Whether a copy has any file. A folder that cannot be looked into may hold something. */
export async function isAnythingCopied(folder: string): Promise<boolean> {
  for (const name of ["files", "set-aside"]) {
    try {
      if ((await readdir(join(folder, name))).length > 0) return true;
    } catch (error) {
      if (!hasErrorCode(error, "ENOENT")) return true;
    }
  }
  return false;
}

/** Milliseconds for another window to hear that the copy goes, and to let go of it. */
const lettingGo = 10_000;

async function removeCopy(folder: string): Promise<void> {
  // Remove the record first: other windows that sync it stop then.
  await removeRecord(folder);
  const lock = await acquireLock(join(folder, "lock"), { patience: lettingGo }).catch((error: unknown) => {
    // A window that is stopped, or a folder that is gone. What somebody still writes has no place then.
    if (!(error instanceof LockBusy) && !hasErrorCode(error, "ENOENT")) throw error;
  });
  try {
    await removeTree(folder);
  } finally {
    await lock?.release();
  }
}

function whole(liveSyncs: readonly (LiveSync | undefined)[]): readonly LiveSync[] {
  return liveSyncs.filter((live) => live !== undefined);
}

/** What comes from elsewhere may name no other folder. */
function isSyncId(id: string): boolean {
  return /^[0-9a-f]{24}$/.test(id);
}
