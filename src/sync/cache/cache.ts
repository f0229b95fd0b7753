import { createHash } from "node:crypto";
import { join } from "node:path";
import { Failure } from "../../common/failure.js";
import { isDiskFull } from "../../common/files/diskFull.js";
import type { Lock } from "../../common/files/lock.js";
import type { LockTimes } from "../../common/files/lockJudge.js";
import { removeLeftovers } from "../../common/files/replaceFile.js";
import { createRecheck, recheckAll, shareAll } from "./recheck.js";
import { type CacheFolder, openCacheFolder } from "./cacheFolder.js";
import { type PathLocks, createPathLocks } from "./pathLocks.js";
import { createLocalNames } from "./localNames.js";
import { type Keep, keepNothing } from "./safeRemoval.js";
import { type Manifest, openManifest } from "../manifest/manifest.js";
import { type NameRules, rulesIn } from "./nameRules.js";
import { noteRoot, readRoot, type RootIdentity } from "./rootIdentity.js";
import { settleOldNames } from "./oldNames.js";
import { createWriteTurns } from "./writeTurns.js";
import type { SyncFailure } from "../failures.js";
import { makeFolder } from "../../common/files/makeFolder.js";

/** One root of one host on this machine: the copied files and what is known of all of them. */
export interface Cache {
  /** Absolute path of the folder that holds everything of this root. */
  readonly folder: string;
  readonly files: CacheFolder;
  readonly manifest: Manifest;
  /** Within this program, while the right to write is held. */
  readonly pathLocks: PathLocks;
  /**
   * Runs `work` while no other program writes to this cache; within this program several may at once. What another
   * program wrote meanwhile is read first. Where the right to write is lost on the way, `work` begins again when it is
   * back.
   * @throws Cancelled while it waits; Failure `sync-no-space` when the disk is full.
   */
  whileWriting<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Looks for so many milliseconds whether the copy is as it was left, from where it came to last: what is not is fetched or
   * compared by the next pass. Within a turn of writing.
   */
  lookForDamage(milliseconds: number): void;
  /** Which folder of the host it is a copy of, as it was noted last. */
  readRoot(): Promise<RootIdentity | undefined>;
  /** Within a turn of writing. */
  noteRoot(root: RootIdentity): Promise<void>;
  /** Reads what another program wrote, unless somebody here writes. Returns whether there was anything new. */
  lookAgain(): Promise<boolean>;
}

/**
 * The id of a root, told by its host and path: the same for every window.
 * @param isInPlace whether it is read where it lies: a copy of the same root is another one.
 */
export function syncIdOf(connectionId: string, root: string, isInPlace = false): string {
  return createHash("sha256")
    .update(JSON.stringify([connectionId, root, ...(isInPlace ? ["in-place"] : [])]))
    .digest("hex")
    .slice(0, 24);
}

/** Where the copy of a root is, and what is known of it. */
export function cacheFolder(dataFolder: string, id: string): string {
  return join(dataFolder, "sync", id);
}

export interface CacheOptions {
  /** Default: those of the file system that the folder is on. */
  readonly rules?: NameRules;
  readonly lockTimes?: LockTimes;
  /** Default: nothing is kept. */
  readonly keep?: Keep;
  /** Hears what a person should find in the log. */
  readonly warn?: (message: string) => void;
}

/** @param folder absolute path, made when missing with mode 0700. */
export async function openCache(folder: string, options: CacheOptions = {}): Promise<Cache> {
  await makeFolder(folder);
  const { rules = await rulesIn(folder), lockTimes, keep = keepNothing } = options;
  let wasChecked = false;

  /** Whenever the right to write was acquired. */
  const prepare = async ({ predecessors, presumedDead }: Lock): Promise<void> => {
    const isAfterDeath = predecessors.length > 0;
    if (isAfterDeath) await removeLeftovers(manifestFile);
    const isNews = await manifest.refresh();
    if (isAfterDeath || !wasChecked) {
      await files.tidyStaging(predecessors.filter((token) => !presumedDead.includes(token)));
      await settleOldNames(join(folder, "files"), rules, manifest, (file) => files.removeAt(file));
    }
    await names.prepare();
    if (isAfterDeath || !wasChecked || isNews) await recheckAll(files, manifest);
    if (presumedDead.length > 0) await shareAll(manifest);
    await manifest.flush();
    wasChecked = true;
  };

  const turns = createWriteTurns(join(folder, "lock"), prepare, lockTimes);
  const manifestFile = join(folder, "manifest.jsonl");
  const manifest = await openManifest(manifestFile, () => turns.right.check(), options.warn);
  const names = createLocalNames(rules, manifest);
  const files = await openCacheFolder(folder, { names, manifest, right: turns.right, keep });

  const pathLocks = createPathLocks();

  return {
    folder,
    files,
    manifest,
    pathLocks,
    lookForDamage: createRecheck(files, manifest, pathLocks),
    readRoot: () => readRoot(folder),
    noteRoot: (root) => noteRoot(folder, root, () => turns.right.check()),
    lookAgain: async () => (turns.isBusy ? false : manifest.refresh()),
    whileWriting: (work, signal) =>
      turns.run(work, signal).catch(async (error: unknown) => {
        throw await spaceFailureOr(error, folder, () => files.freeSpace());
      }),
  };
}

/** Says which disk is full, where that is what went wrong. */
export async function spaceFailureOr(
  error: unknown,
  folder: string,
  freeSpace: () => Promise<number>,
): Promise<unknown> {
  if (!isDiskFull(error)) return error;
  const free = await freeSpace();
  return new Failure<SyncFailure>(
    { code: "sync-no-space", folder, needed: free + 1, free },
    { cause: error },
  );
}
