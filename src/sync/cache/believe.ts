import { inTurns } from "../../common/async/inTurns.js";
import type { CacheFolder } from "./cacheFolder.js";
import { isSameIdentity, type LocalIdentity } from "../manifest/localIdentity.js";
import type { Manifest } from "../manifest/manifest.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import type { Stamp } from "../remote/remoteFiles.js";

/** Files that are looked at at once. */
const lookedAtAtOnce = 256;
/** Nanoseconds by which the times of a disk may be rounded. */
const roundedTime = 2_000_000_000n;

/**
 * Looks at every file of the copy. What is gone is fetched again; of what is not as it was written, size and times prove
 * nothing: it is compared with the host's before it is believed.
 */
export async function doubtWhatDiffers(files: CacheFolder, manifest: Manifest): Promise<void> {
  const { entries } = manifest;
  const look = async (number: number): Promise<void> => {
    const found = await files.look(entries.pathOf(number));
    if (found && entries.isLeftAs(number, found)) return;
    const entry = entries.at(number);
    if (entry) note(entry, found, manifest);
  };
  for await (const some of inTurns(entries.heldFiles(), lookedAtAtOnce)) await Promise.all(some.map(look));
}

/** @returns the entry as it is noted then. */
export async function doubt(
  entry: ManifestEntry,
  files: CacheFolder,
  manifest: Manifest,
): Promise<ManifestEntry> {
  return note(entry, await files.look(entry.path), manifest);
}

function note(entry: ManifestEntry, found: LocalIdentity | undefined, manifest: Manifest): ManifestEntry {
  const judged = judge(entry, found);
  if (judged !== entry) manifest.set(judged);
  return judged;
}

function judge(entry: ManifestEntry, found: LocalIdentity | undefined): ManifestEntry {
  const { held, local, verified } = entry;
  if (!held) return entry;
  if (!found || found.size < held.size) {
    return { ...entry, held: undefined, verified: undefined, local: found && local };
  }
  if (local && isSameIdentity(found, local)) return entry;
  // Written by a version that did not note what it left.
  if (!local && found.size === held.size && isAtTime(found, held)) return { ...entry, local: found };
  // More than expected is an addition whose record was lost: what is before it is compared when it is added again.
  return verified === false ? entry : { ...entry, verified: false };
}

function isAtTime({ mtime }: LocalIdentity, held: Stamp): boolean {
  const [seconds = "0", decimals = ""] = held.mtime.split(".");
  const wanted = BigInt(seconds) * 1_000_000_000n + BigInt(decimals.padEnd(9, "0").slice(0, 9));
  const apart = BigInt(mtime) - wanted;
  return apart < roundedTime && apart > -roundedTime;
}

/**
 * After the right was taken from a program that may live after all: what that one has open it may still write to, so
 * nothing is added to in place until it was replaced.
 */
export function shareAll(manifest: Manifest): void {
  for (const entry of manifest.entries.values()) {
    if (entry.local && !entry.local.isShared) {
      manifest.set({ ...entry, local: { ...entry.local, isShared: true } });
    }
  }
}
