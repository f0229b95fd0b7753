import { posix } from "node:path";
import { Cancelled, Failure } from "../common/failure.js";
import type { Cache } from "./cache.js";
import type { ManifestEntry } from "./manifest.js";
import { type Action, plan } from "./plan.js";
import type { PassOptions, PassResult } from "./passOptions.js";
import type { SyncFailure } from "./remoteFiles.js";
import { scanInto } from "./scan.js";
import { expectedBytes, transfer } from "./transfer.js";

/** Bytes that stay free on this machine when much is copied. */
const reserve = 256 * 1024 * 1024;
/** Bytes that are no reason to keep a reserve. */
const little = 16 * 1024 * 1024;

/**
 * Makes the cache as the host is, once: lists, compares, then removes, makes folders, fetches and verifies.
 * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled. What was done until then counts.
 */
export async function runPass(options: PassOptions): Promise<PassResult> {
  const { cache, remote, root, mode, signal, onProgress } = options;
  return cache.whileWriting(async () => {
    onProgress?.({ kind: "scanning" });
    const now = await scanInto(cache.manifest, remote, root, signal);
    try {
      const actions = plan(cache.manifest.entries.values(), mode, now);
      await refuseWithoutSpace(actions, cache);
      const touched = mode === "mirror" ? await unsettleFolders(actions, cache) : [];
      const removed = await remove(actions, cache);
      for (const { path } of entriesOf(actions, "make-folder")) cache.files.makeFolder(path);
      const stale = await verify(actions, options);
      const entries = [...entriesOf(actions, "fetch"), ...stale];
      const result = await transfer(entries, options);
      settleFolders(cache, touched);
      return { ...result, changedFiles: result.changedFiles + removed };
    } finally {
      await cache.manifest.flush();
    }
  }, signal);
}

function entriesOf(actions: readonly Action[], kind: Action["kind"]): ManifestEntry[] {
  return actions.filter((action) => action.kind === kind).map(({ entry }) => entry);
}

async function refuseWithoutSpace(actions: readonly Action[], { files, folder }: Cache): Promise<void> {
  const needed = entriesOf(actions, "fetch").reduce((sum, entry) => sum + expectedBytes(entry), 0);
  if (needed === 0) return;
  const free = await files.freeSpace();
  const isTooMuch = needed > free || (needed > little && needed + reserve > free);
  if (isTooMuch) throw new Failure<SyncFailure>({ code: "sync-no-space", folder, needed, free });
}

async function remove(actions: readonly Action[], { files, manifest }: Cache): Promise<number> {
  const entries = entriesOf(actions, "remove");
  for (const { path, kind } of entries) {
    await files.remove(path, kind);
    await files.removeStaged(path);
    manifest.remove(path);
  }
  return entries.filter(({ kind }) => kind === "file").length;
}

/** Compares by checksum what size and times cannot decide. Returns the files that differ. */
async function verify(
  actions: readonly Action[],
  { remote, cache, root, signal }: PassOptions,
): Promise<ManifestEntry[]> {
  const { files, manifest } = cache;
  const entries = entriesOf(actions, "verify");
  const wanted = entries.map(({ path, seen }) => ({ path, length: seen?.size ?? 0 }));
  const found = wanted.length > 0 ? await remote.digests(root, wanted, signal) : [];
  const differing: ManifestEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const { path, seen, usedAt } = entry;
    const there = found[index];
    // Gone or changed meanwhile: the next scan tells.
    if (!seen || !there || there.stamp.mtime !== seen.mtime || there.stamp.size !== seen.size) continue;
    if (signal.aborted) throw new Cancelled();
    const leave = cache.claims.take(path);
    leave?.();
    if (!leave) continue;
    const size = await files.size(path);
    const same = size === seen.size && (await files.digest(path, [[0, seen.size]])) === there.digest;
    if (same) {
      files.setStamp(path, seen);
      manifest.set({ path, kind: "file", seen, held: seen, verified: true, usedAt });
    } else {
      const dropped: ManifestEntry = { path, kind: "file", seen, usedAt };
      manifest.set(dropped);
      differing.push(dropped);
    }
  }
  return differing;
}

/** The time of no folder. */
const unsettled = "";

/**
 * Notes that the folders which are about to be written into are no longer as the host's: whatever happens before they are
 * settled, the next pass does it.
 */
async function unsettleFolders(actions: readonly Action[], { manifest }: Cache): Promise<readonly string[]> {
  const touched = new Set<string>();
  for (const { kind, entry } of actions) {
    if (kind === "make-folder") touched.add(entry.path);
    touched.add(posix.dirname(entry.path));
  }
  for (const path of touched) {
    const entry = manifest.get(path);
    const known = entry?.held ?? entry?.seen;
    if (entry?.kind === "folder" && known) manifest.set({ ...entry, held: { ...known, mtime: unsettled } });
  }
  await manifest.flush();
  return [...touched];
}

/** Folders get the host's times last: everything that is written into them changes those. */
function settleFolders({ files, manifest }: Cache, touched: readonly string[]): void {
  for (const path of touched) {
    const entry = manifest.get(path);
    if (entry?.kind !== "folder" || !entry.seen) continue;
    files.setStamp(path, { ...entry.seen, mode: entry.seen.mode | 0o700 });
    manifest.set({ ...entry, held: entry.seen });
  }
}
