import type { BigIntStats } from "node:fs";

/** What a file of the copy was right after it was written: as long as nothing of it differs, nobody else wrote it. */
export interface LocalIdentity {
  /** Bytes. */
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: string;
  readonly inode: string;
  /** A program that had the right to write before may have it open still: it is replaced, never added to in place. */
  readonly isShared?: boolean | undefined;
}

/** What stands in the place of a file or folder; undefined: nothing, or neither. */
export type Found = LocalIdentity | "folder" | undefined;

export function identityOf({ size, mtimeNs, ino }: BigIntStats): LocalIdentity {
  // What does not fit 64 bits tells nothing less in those.
  const [mtime, inode] = [BigInt.asIntN(64, mtimeNs), BigInt.asUintN(64, ino)];
  return { size: Number(size), mtime: String(mtime), inode: String(inode) };
}

export function isSameIdentity(one: LocalIdentity, other: LocalIdentity): boolean {
  return one.size === other.size && one.mtime === other.mtime && one.inode === other.inode;
}
