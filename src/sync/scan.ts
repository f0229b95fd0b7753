import type { Manifest } from "./manifest.js";
import { isSameStamp } from "./manifest.js";
import type { RemoteEntry, RemoteFiles } from "./remoteFiles.js";

/**
 * Lists the host's files and notes in the manifest how they are now, as they are told.
 * @returns the host's time, in seconds since the epoch.
 */
export async function scanInto(
  manifest: Manifest,
  remote: RemoteFiles,
  root: string,
  signal: AbortSignal,
): Promise<number> {
  const present = new Set<string>();
  const gone: string[] = [];
  const unreadable: string[] = [];
  const { full, now } = await remote.scan(
    root,
    (changes) => {
      for (const change of changes) {
        if (change.kind === "present") {
          present.add(change.entry.path);
          note(manifest, change.entry);
        } else (change.kind === "gone" ? gone : unreadable).push(change.path);
      }
    },
    signal,
  );
  const isHidden = (path: string): boolean =>
    unreadable.some((folder) => folder === "" || path === folder || path.startsWith(`${folder}/`));
  const missing = full ? [...manifest.entries.keys()].filter((path) => !present.has(path)) : gone;
  for (const path of missing) {
    const entry = manifest.get(path);
    if (!entry || isHidden(path) || present.has(path)) continue;
    if (entry.held || entry.partial) manifest.set({ ...entry, seen: undefined });
    else manifest.remove(path);
  }
  return now;
}

function note(manifest: Manifest, { path, kind, stamp }: RemoteEntry): void {
  const entry = manifest.get(path);
  if (entry?.kind === kind && entry.seen && isSameStamp(entry.seen, stamp)) return;
  // A file where a folder was, or the other way, is another thing: what is in its place makes way for it.
  manifest.set(entry?.kind === kind ? { ...entry, seen: stamp } : { path, kind, seen: stamp });
}
