import type { Stamp } from "../remote/remoteFiles.js";
import type { ManifestEntry } from "./manifestEntry.js";

/** Whether something of it may be in the copy: in its place, or staged. */
export function isHere({ held, partial, local }: ManifestEntry): boolean {
  return (held ?? partial ?? local) !== undefined;
}

/** Whether nothing tells the two states apart. */
export function isSameStamp(one: Stamp, other: Stamp): boolean {
  return isSameContent(one, other) && one.ctime === other.ctime && one.inode === other.inode;
}

/** Whether size and time of the content agree: proof only together with inode and change time. */
export function isSameContent(one: Stamp, other: Stamp): boolean {
  return one.size === other.size && one.mtime === other.mtime;
}
