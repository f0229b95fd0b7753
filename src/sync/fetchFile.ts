import { Failure } from "../common/failure.js";
import { isSameContent, type ManifestEntry } from "./manifest.js";
import type { PassOptions } from "./passOptions.js";
import type { SyncFailure } from "./remoteFiles.js";
import { transfer } from "./transfer.js";

/**
 * Brings one file that somebody asked for, or what is new of it, and notes when it was wanted.
 * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled.
 */
export async function fetchFile(
  path: string,
  host: string,
  { limit, ...options }: PassOptions & { readonly limit: number },
): Promise<void> {
  const { cache, remote, root, signal } = options;
  const { manifest } = cache;
  await cache.whileWriting(async () => {
    const leave = await cache.claims.wait(path, signal);
    try {
      // Of no bytes: only how the file is now.
      const [there] = await remote.digests(root, [{ path, length: 0 }], signal);
      if (!there) throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
      const before = manifest.get(path);
      const entry: ManifestEntry = { ...before, path, kind: "file", seen: there.stamp, usedAt: Date.now() };
      manifest.set(entry);
      if (entry.held && isSameContent(entry.held, there.stamp)) return;
      const needed = there.stamp.size;
      const free = await cache.files.freeSpace();
      if (needed > free)
        throw new Failure<SyncFailure>({ code: "sync-no-space", folder: cache.folder, needed, free });
      const { changedFiles } = await transfer([entry], options, () => leave);
      if (changedFiles === 0 && there.stamp.size === 0) {
        // Just made, and nothing is in it yet.
        if (!entry.held) cache.files.putWhole(path, [], there.stamp);
        return;
      }
      if (changedFiles === 0) throw new Failure<SyncFailure>({ code: "sync-file-not-readable", path, host });
      if (options.mode === "smart") await makeRoom(options, path, limit);
    } finally {
      leave();
      await manifest.flush();
    }
  }, signal);
}

/** Lets go of the files that nobody asked for in the longest time, until those fetched on demand fit the limit. */
async function makeRoom({ cache }: PassOptions, keep: string, limit: number): Promise<void> {
  const { manifest, files } = cache;
  const wanted = [...manifest.entries.values()].filter(({ held, usedAt }) => held && usedAt !== undefined);
  let bytes = wanted.reduce((sum, { held }) => sum + (held?.size ?? 0), 0);
  wanted.sort((a, b) => (a.usedAt ?? 0) - (b.usedAt ?? 0));
  for (const entry of wanted) {
    if (bytes <= limit) return;
    if (entry.path === keep) continue;
    await files.remove(entry.path, "file");
    bytes -= entry.held?.size ?? 0;
    manifest.set({ path: entry.path, kind: "file", seen: entry.seen });
  }
}
