import type { BigIntStats } from "node:fs";

/** What a file of the copy was right after it was written: as long as nothing of it differs, nobody else wrote it. */
export interface LocalIdentity {
  /** Bytes. */
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: string;
  readonly inode: string;
  /**
   * Nanoseconds since the epoch, of the last change of anything: whoever writes can set the time of the content back, and
   * not this one. Undefined where it is not known, as on disks that have none.
   */
  readonly ctime?: string | undefined;
  /** A program that had the right to write before may have it open still: it is replaced, never added to in place. */
  readonly isShared?: boolean | undefined;
}

/** What stands in the place of a file or folder; undefined: nothing, or neither. */
export type Found = LocalIdentity | "folder" | undefined;

export function identityOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): LocalIdentity {
  // What does not fit 64 bits tells nothing less in those.
  const [mtime, ctime] = [BigInt.asIntN(64, mtimeNs), BigInt.asIntN(64, ctimeNs)];
  return {
    size: Number(size),
    mtime: String(mtime),
    inode: String(BigInt.asUintN(64, ino)),
    ...(ctime !== 0n && { ctime: String(ctime) }),
  };
}

/** Whether nothing that is known of both differs. */
export function isSameIdentity(one: LocalIdentity, other: LocalIdentity): boolean {
  const isSameChange = one.ctime === other.ctime || one.ctime === undefined || other.ctime === undefined;
  return isSameChange && isSameButMoved(one, other);
}

/** Whether they are the same but for what moving a file changes. */
export function isSameButMoved(one: LocalIdentity, other: LocalIdentity): boolean {
  return one.size === other.size && one.mtime === other.mtime && one.inode === other.inode;
}
