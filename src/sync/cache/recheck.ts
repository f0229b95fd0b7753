import { inTurns } from "../../common/async/inTurns.js";
import type { CacheFolder } from "./cacheFolder.js";
import type { PathLocks } from "./pathLocks.js";
import { type Found, isSameIdentity, type LocalIdentity } from "../manifest/localIdentity.js";
import { isHere } from "../manifest/sameness.js";
import type { Manifest } from "../manifest/manifest.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import type { Stamp } from "../remote/remoteFiles.js";

/** Files that are looked at at once. */
const lookedAtAtOnce = 256;
/** Milliseconds that those take on a disk of this machine, at most. */
const quickTurn = 100;
/** Entries that are noted before others have their turn. */
const sharedAtOnce = 500;
/** Nanoseconds by which the times of a disk may be rounded. */
const roundedTime = 2_000_000_000n;

/**
 * Checks every file and folder of the copy. Missing ones are fetched again; size and times of a modified one prove
 * nothing, so it is compared with the host's before it is trusted.
 */
export async function recheckAll(files: CacheFolder, manifest: Manifest): Promise<void> {
  const { entries } = manifest;
  const look = async (number: number): Promise<void> => {
    note(number, await files.look(entries.pathOf(number)), manifest);
  };
  let isQuick = true;
  for await (const some of inTurns(entries.held(), lookedAtAtOnce)) {
    if (!isQuick) {
      await Promise.all(some.map(look));
      continue;
    }
    const began = performance.now();
    for (const number of some) note(number, files.lookNow(entries.pathOf(number)), manifest);
    // On a network disk, do not block the event loop.
    isQuick = performance.now() - began < quickTurn;
  }
}

/** Those that are looked at each time, however long it takes. */
const fewest = 16;

/**
 * Checks the copy bit by bit, over and over: anybody may modify it at any time.
 * @returns what goes on with it for so many milliseconds, or until everything was looked at once.
 */
export function createRecheck(
  files: CacheFolder,
  manifest: Manifest,
  pathLocks: PathLocks,
): (milliseconds: number) => void {
  let [next, reads] = [1, manifest.reads];
  return (milliseconds) => {
    const { entries } = manifest;
    const end = performance.now() + milliseconds;
    // The numbers are those of another table.
    if (reads !== manifest.reads) [next, reads] = [1, manifest.reads];
    let looked = 0;
    for (const number of entries.held(next)) {
      if (looked >= fewest && performance.now() >= end) {
        next = number;
        return;
      }
      looked += 1;
      const path = entries.pathOf(number);
      const found = files.lookNow(path);
      // What somebody is writing is noted when it is written.
      if (!entries.isLeftAs(number, found) && isFree(pathLocks, path)) note(number, found, manifest);
    }
    next = 1;
  };
}

function isFree(pathLocks: PathLocks, path: string): boolean {
  const leave = pathLocks.take(path);
  leave?.();
  return leave !== undefined;
}

function note(number: number, found: Found, manifest: Manifest): void {
  if (manifest.entries.isLeftAs(number, found)) return;
  const entry = manifest.entries.at(number);
  if (entry) noteEntry(entry, found, manifest);
}

/** @returns the entry as it is noted then. */
export async function doubt(
  entry: ManifestEntry,
  files: CacheFolder,
  manifest: Manifest,
): Promise<ManifestEntry> {
  return noteEntry(entry, await files.look(entry.path), manifest);
}

function noteEntry(entry: ManifestEntry, found: Found, manifest: Manifest): ManifestEntry {
  const judged = judge(entry, found);
  if (judged === entry) return entry;
  // Kept while the host had it no longer, and now it is nowhere.
  if (judged.seen || isHere(judged)) manifest.set(judged);
  else manifest.remove(judged.path);
  return judged;
}

function judge(entry: ManifestEntry, found: Found): ManifestEntry {
  const { kind, held, local, verified } = entry;
  if (!held) return entry;
  if (kind === "folder") return found === "folder" ? entry : { ...entry, held: undefined };
  const isFile = found !== undefined && found !== "folder";
  // What is gone from the host is what is here of it.
  if (isFile && found.size < held.size && !entry.seen) {
    return { ...entry, held: { ...held, size: found.size }, verified: false, local: found };
  }
  if (!isFile || found.size < held.size) {
    return { ...entry, held: undefined, verified: undefined, local: isFile ? local : undefined };
  }
  if (local && isSameIdentity(found, local)) {
    const isMoreKnown = local.ctime === undefined && found.ctime !== undefined;
    return isMoreKnown ? { ...entry, local: { ...local, ctime: found.ctime } } : entry;
  }
  // Written by a version that did not note what it left.
  if (!local && found.size === held.size && isAtTime(found, held)) return { ...entry, local: found };
  // Longer than recorded: the record of an append was lost. The part before it is compared at the next append.
  return verified === false ? entry : { ...entry, verified: false };
}

function isAtTime({ mtime }: LocalIdentity, held: Stamp): boolean {
  const [seconds = "0", decimals = ""] = held.mtime.split(".");
  const wanted = BigInt(seconds) * 1_000_000_000n + BigInt(decimals.padEnd(9, "0").slice(0, 9));
  const apart = BigInt(mtime) - wanted;
  return apart < roundedTime && apart > -roundedTime;
}

/**
 * After the write lock was taken over from a process that may still be alive and have files open: replace files instead
 * of appending in place.
 */
export async function shareAll(manifest: Manifest): Promise<void> {
  for await (const some of inTurns(manifest.entries.values(), sharedAtOnce)) {
    for (const entry of some) {
      if (!entry.local || entry.local.isShared) continue;
      manifest.set({ ...entry, local: { ...entry.local, isShared: true } });
    }
  }
}
