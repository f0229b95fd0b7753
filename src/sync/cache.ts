import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Cancelled, Failure } from "../common/failure.js";
import { hasErrorCode } from "../common/sharedFile.js";
import { type CacheFolder, openCacheFolder } from "./cacheFolder.js";
import { type Claims, createClaims } from "./claims.js";
import { createLocalNames, rulesOf } from "./localNames.js";
import { type Manifest, type ManifestEntry, openManifest } from "./manifest.js";
import { acquireWriterLock, type WriterLock } from "../common/writerLock.js";
import type { SyncFailure } from "./remoteFiles.js";

/** One root of one host on this machine: the copied files and what is known of all of them. */
export interface Cache {
  /** Absolute path of the folder that holds everything of this root. */
  readonly folder: string;
  readonly files: CacheFolder;
  readonly manifest: Manifest;
  /** Within this program, while the right to write is held. */
  readonly claims: Claims;
  /**
   * Runs `work` while no other program writes to this cache; within this program several may at once. What another
   * program wrote meanwhile is read first.
   * @throws Cancelled while it waits, or when the lock was taken away; Failure `sync-no-space` when the disk is full.
   */
  whileWriting<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Reads what another program wrote, unless somebody here writes. Returns whether there was anything new. */
  lookAgain(): Promise<boolean>;
}

/** The folder of a root, told by its host and path: the same for every window. */
export function cacheFolderOf(dataFolder: string, connectionId: string, root: string): string {
  const key = createHash("sha256")
    .update(JSON.stringify([connectionId, root]))
    .digest("hex")
    .slice(0, 24);
  return join(dataFolder, "sync", key);
}

export async function openCache(folder: string): Promise<Cache> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const manifest = await openManifest(join(folder, "manifest.jsonl"));
  const names = createLocalNames(rulesOf(process.platform), manifest.entries.keys());
  const files = await openCacheFolder(folder, names);
  let holders = 0;
  let lock: Promise<WriterLock> | undefined;
  let checked = false;

  const enter = async (signal: AbortSignal | undefined): Promise<WriterLock> => {
    lock ??= acquireWriterLock(join(folder, "lock"), signal).then(async (held) => {
      if ((await manifest.refresh()) || !checked) await dropWhatIsNotThere(files, manifest);
      checked = true;
      return held;
    });
    try {
      return await lock;
    } catch (error) {
      lock = undefined;
      throw error;
    }
  };

  return {
    folder,
    files,
    manifest,
    claims: createClaims(),
    lookAgain: async () => (holders === 0 ? manifest.refresh() : false),
    whileWriting: async (work, signal) => {
      holders += 1;
      let held: WriterLock | undefined;
      try {
        held = await enter(signal);
        if (!(await held.stillHeld())) throw new Cancelled();
        return await work();
      } catch (error) {
        throw await spaceFailureOr(error, folder, files);
      } finally {
        holders -= 1;
        if (holders === 0 && held) {
          lock = undefined;
          await held.release();
        }
      }
    },
  };
}

/** Files that are looked at at once. */
const lookedAtAtOnce = 256;

/** After a crash, or when somebody tidied up: what is not there as it should be is fetched again. */
async function dropWhatIsNotThere(files: CacheFolder, manifest: Manifest): Promise<void> {
  const held = [...manifest.entries.values()].filter((entry) => entry.held && entry.kind === "file");
  const look = async (entry: ManifestEntry): Promise<void> => {
    const wanted = entry.held?.size ?? 0;
    const size = await files.size(entry.path);
    if (size === wanted) return;
    // More than expected is an addition whose record was lost: what is before it is compared when it is added again.
    const isLonger = size !== undefined && size > wanted;
    manifest.set({
      ...entry,
      ...(isLonger ? { verified: false } : { held: undefined, verified: undefined }),
    });
  };
  for (let from = 0; from < held.length; from += lookedAtAtOnce) {
    await Promise.all(held.slice(from, from + lookedAtAtOnce).map(look));
  }
}

/** Says which disk is full, where that is what went wrong. */
async function spaceFailureOr(error: unknown, folder: string, files: CacheFolder): Promise<unknown> {
  if (!hasErrorCode(error, "ENOSPC") && !hasErrorCode(error, "EDQUOT")) return error;
  const free = await files.freeSpace();
  return new Failure<SyncFailure>(
    { code: "sync-no-space", folder, needed: free + 1, free },
    { cause: error },
  );
}
