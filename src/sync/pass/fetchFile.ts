import { Failure } from "../../common/failure.js";
import { doubt } from "../cache/recheck.js";
import type { Cache } from "../cache/cache.js";
import { isSameContent } from "../manifest/sameness.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import type { PassWork } from "./passOptions.js";
import type { SyncFailure } from "../failures.js";
import { createSkips, isNotStored, reasonNotStored, type Skips } from "./skips.js";
import { transfer } from "./transfer.js";
import { verify } from "./verify.js";

/**
 * Downloads one requested file, or what was appended to it, and notes when it was requested.
 * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled.
 */
export async function fetchFile(
  path: string,
  host: string,
  { limit, ...rest }: Omit<PassWork, "skips"> & { readonly limit: number },
): Promise<void> {
  const skips = createSkips();
  const options: PassWork = { ...rest, skips };
  const { cache, remote, root, signal } = options;
  const { manifest } = cache;
  await cache.whileWriting(async () => {
    const leave = await cache.pathLocks.wait(path, signal);
    // Keep the lock until everything is done.
    const keep = (): void => undefined;
    try {
      // Of no bytes: only how the file is now.
      const [there] = await remote.digests(root, [{ path, length: 0 }], signal);
      if (there === "missing") throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
      if (typeof there !== "object")
        throw new Failure<SyncFailure>({ code: "sync-file-not-readable", path, host });
      const before = manifest.get(path);
      const entry: ManifestEntry = { ...before, path, kind: "file", seen: there.stamp, usedAt: Date.now() };
      manifest.set(entry);
      if (entry.held && isSameContent(entry.held, there.stamp)) {
        const known = await doubt(entry, cache.files, manifest);
        if (known.held && known.verified !== false) return;
        if (known.held && !(await isOther(known, options, keep))) return;
      }
      const needed = there.stamp.size;
      const free = await cache.files.freeSpace();
      if (needed > free)
        throw new Failure<SyncFailure>({ code: "sync-no-space", folder: cache.folder, needed, free });
      const { changedFiles } = await transfer([entry], options, () => keep);
      refuseSkipped(skips, path, host, cache);
      if (changedFiles === 0 && there.stamp.size === 0) {
        // Just made, and nothing is in it yet.
        if (!entry.held) await cache.files.putWhole(path, [], there.stamp);
        return;
      }
      if (changedFiles === 0) throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
      if (options.mode === "smart") await makeRoom(options, path, limit);
    } finally {
      leave();
      await manifest.flush();
    }
  }, signal);
}

/** Whether the host has other bytes than the copy. */
async function isOther(entry: ManifestEntry, options: PassWork, leave: () => void): Promise<boolean> {
  let differs = false;
  await verify([entry], options, { onDiffering: () => (differs = true), claim: () => leave });
  return differs;
}

function refuseSkipped(skips: Skips, path: string, host: string, { files }: Cache): void {
  const [skipped] = skips.list();
  if (!skipped) return;
  const reason = isNotStored(skipped.why) ? skipped.why : undefined;
  const file = files.pathOf(path);
  throw reason
    ? new Failure<SyncFailure>({ code: "sync-entry-not-stored", path, file, reason })
    : new Failure<SyncFailure>({ code: "sync-file-not-readable", path, host });
}

/** Evicts the least recently requested files until those fetched on demand fit the limit (LRU). */
async function makeRoom({ cache }: PassWork, keep: string, limit: number): Promise<void> {
  const { manifest, files } = cache;
  // The host may no longer have what it had when it was listed.
  if (await files.keepsGone()) return;
  const wanted: ManifestEntry[] = [];
  for (const number of manifest.entries.used()) {
    const entry = manifest.entries.at(number);
    // Never evict what is gone from the host: it could not be fetched again.
    if (entry?.held && entry.seen) wanted.push(entry);
  }
  let bytes = wanted.reduce((sum, { held }) => sum + (held?.size ?? 0), 0);
  wanted.sort((a, b) => (a.usedAt ?? 0) - (b.usedAt ?? 0));
  for (const entry of wanted) {
    if (bytes <= limit) return;
    if (entry.path === keep) continue;
    if (await reasonNotStored(() => files.remove(entry.path, "file"))) continue;
    bytes -= entry.held?.size ?? 0;
    manifest.set({ path: entry.path, kind: "file", seen: entry.seen });
  }
}
