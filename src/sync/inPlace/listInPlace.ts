import { inTurns } from "../../common/async/inTurns.js";
import type { Manifest } from "../manifest/manifest.js";
import type { PassOptions, PassResult } from "../pass/passOptions.js";
import { scanInto } from "../pass/scan.js";
import type { Skipped } from "../pass/skips.js";

export type ListOptions = Pick<PassOptions, "cache" | "remote" | "root" | "pace" | "signal" | "onProgress">;

/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 5_000;

/**
 * Lists a root of this machine, once: what is there counts as here, and what is gone is forgotten. Nothing is copied.
 * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled.
 */
export async function listInPlace(options: ListOptions): Promise<PassResult> {
  const { cache, remote, root, pace, signal, onProgress } = options;
  return cache.whileWriting(async () => {
    onProgress?.({ kind: "scanning" });
    try {
      const { now, hidden } = await scanInto(cache.manifest, remote, root, { signal, pace });
      const changedFiles = await takeAsHeld(cache.manifest);
      const skipped = [...hidden].map(([path, why]): Skipped => ({ path, why }));
      return { changedFiles, transferredBytes: 0, hostTime: now, skipped };
    } finally {
      await cache.manifest.flush();
    }
  }, signal);
}

/** @returns how many files are here that were not, or were others. */
async function takeAsHeld(manifest: Manifest): Promise<number> {
  const { entries } = manifest;
  let changedFiles = 0;
  for await (const numbers of inTurns(entries.unsettled(), atOnce)) {
    for (const number of numbers) {
      const entry = entries.at(number);
      if (!entry) continue;
      const { path, kind, seen } = entry;
      if (kind === "file") changedFiles += 1;
      if (seen) manifest.set({ path, kind, seen, held: seen, verified: true });
      else manifest.remove(path);
    }
  }
  return changedFiles;
}
