import { isMetadata, type SyncMode } from "./layout.js";
import { isSameContent, isSameStamp, type ManifestEntry } from "./manifest.js";
import type { Stamp } from "./remoteFiles.js";

/** What has to be done so that the cache is as the host is. */
export type Action =
  | { readonly kind: "remove"; readonly entry: ManifestEntry }
  | { readonly kind: "make-folder"; readonly entry: ManifestEntry }
  | { readonly kind: "fetch"; readonly entry: ManifestEntry }
  /** Size and time of the content agree, and yet the bytes may differ. */
  | { readonly kind: "verify"; readonly entry: ManifestEntry };

/** Seconds after a change until the times of a file tell of every later one. */
const settleTime = 2;
/** Seconds of rest before a file of many bytes is read through on the host to compare it. */
const longRest = 30;
const manyBytes = 64 * 1024 * 1024;

/**
 * The way from the manifest to the host's state: removals first and deepest first, folders from the top, then files,
 * the small ones first.
 * @param now seconds since the epoch by the host's clock.
 */
export function plan(entries: Iterable<ManifestEntry>, mode: SyncMode, now: number): Action[] {
  const removals: Action[] = [];
  const folders: Action[] = [];
  const files: Action[] = [];
  const checks: Action[] = [];
  for (const entry of entries) {
    const action = actionFor(entry, mode, now);
    if (!action) continue;
    const list = { remove: removals, "make-folder": folders, fetch: files, verify: checks }[action.kind];
    list.push(action);
  }
  removals.sort((a, b) => (a.entry.path < b.entry.path ? 1 : -1));
  folders.sort((a, b) => (a.entry.path < b.entry.path ? -1 : 1));
  files.sort((a, b) => sizeOf(a.entry) - sizeOf(b.entry));
  return [...removals, ...folders, ...files, ...checks];
}

function sizeOf({ seen }: ManifestEntry): number {
  return seen?.size ?? 0;
}

function actionFor(entry: ManifestEntry, mode: SyncMode, now: number): Action | undefined {
  const { seen, held, verified, kind, path, partial } = entry;
  if (!seen) return held || partial ? { kind: "remove", entry } : undefined;
  if (kind === "folder") {
    const done = mode === "smart" || (held?.mtime === seen.mtime && held.mode === seen.mode);
    return done ? undefined : { kind: "make-folder", entry };
  }
  if (mode === "smart" && !isMetadata(path, seen.size)) return undefined;
  if (!held || !isSameContent(seen, held)) return { kind: "fetch", entry };
  if (!isSameStamp(seen, held)) return { kind: "verify", entry };
  return verified === false && isSettled(seen, now) ? { kind: "verify", entry } : undefined;
}

/** A change time in the future says only that clocks differ. */
function isSettled({ ctime, size }: Stamp, now: number): boolean {
  const rest = now - Number(ctime);
  return rest < -settleTime || rest > (size > manyBytes ? longRest : settleTime);
}
