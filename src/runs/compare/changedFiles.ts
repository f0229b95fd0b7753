import type { Snapshot, SnapshotFile } from "../snapshot/snapshot.js";

/** A source file that differs between two runs. */
export interface ChangedFile {
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
}

/**
 * Lists files that differ from the baseline, by path. Compares the sizes and checksums in the archives, without
 * unpacking.
 */
export function changedFiles(baseline: Snapshot, other: Snapshot): readonly ChangedFile[] {
  const changed: ChangedFile[] = [];
  for (const [path, file] of baseline.files) {
    const after = other.files.get(path);
    if (!after) changed.push({ path, change: "removed" });
    else if (!isSame(file, after)) changed.push({ path, change: "changed" });
  }
  for (const path of other.files.keys())
    if (!baseline.files.has(path)) changed.push({ path, change: "added" });
  return changed.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function isSame(a: SnapshotFile, b: SnapshotFile): boolean {
  return a.bytes === b.bytes && a.crc32 === b.crc32;
}
