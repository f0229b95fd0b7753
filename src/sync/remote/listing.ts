import { decodeBytes, encodeBytes } from "../../common/text/bytes.js";
import { NotReadable } from "./notReadable.js";
import type { ListingChange, RemoteEntry, Unreadable } from "./remoteFiles.js";
import { stampOf } from "./stamp.js";

/** Bytes that a record may have: a path as long as any call takes is 4 KiB. */
const longestRecord = 64 * 1024;
/** Bytes that are read at once: longer texts are not let go of while they are young. */
const readAtOnce = 32 * 1024;
/** Records of one listing: more is no root of runs, and would not fit into memory. */
export const mostRecords = 1_000_000;

/** A listing has more records than are taken. */
export class TooManyRecords extends Error {
  override readonly name = "TooManyRecords";

  constructor() {
    super("too many files and folders");
  }
}

/**
 * Reads the records of a listing, which may be cut anywhere: feed it what comes, piece by piece.
 * @param limit records of a listing. `feed` throws NotReadable for a record without an end, and TooManyRecords.
 */
export function createListingReader(
  onChanges: (changes: readonly ListingChange[]) => void,
  limit = mostRecords,
): { feed(bytes: Buffer): void } {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  const read = (bytes: Buffer): void => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    const end = all.lastIndexOf(0);
    rest = Buffer.from(all.subarray(end + 1));
    if (rest.length > longestRecord) throw new NotReadable();
    if (end < 0) return;
    const records = recordsIn(all.subarray(0, end));
    count += records.length;
    if (count > limit) throw new TooManyRecords();
    const changes = records.flatMap((record) => readRecord(record) ?? []);
    if (changes.length > 0) onChanges(changes);
  };
  return {
    feed: (bytes) => {
      for (let at = 0; at < bytes.length; at += readAtOnce) read(bytes.subarray(at, at + readAtOnce));
    },
  };
}

/** Decoding all at once is twenty times faster, and nearly always possible. */
function recordsIn(bytes: Buffer): string[] {
  const text = decodeBytes(bytes);
  return text.split("\0");
}

/** `<f or d> <size> <mtime> <ctime> <inode> <octal mode> <path>` */
const present = /^([fd]) (\d+) (-?\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?) (\d+) ([0-7]+) ([^]+)$/;

/** `! <why> <path>` */
const hidden = /^! (\S+) ([^]*)$/;

function readRecord(record: string): ListingChange | undefined {
  const path = record.slice(2);
  if (record.startsWith("- ")) return isSafePath(path) ? { kind: "gone", path } : undefined;
  if (record.startsWith("= ")) return isFolder(path) ? { kind: "whole", path } : undefined;
  if (record.startsWith("! ")) return readHidden(record);
  const entry = readEntry(record);
  return entry && { kind: "present", entry };
}

function readHidden(record: string): ListingChange | undefined {
  const [, why, path] = hidden.exec(record) ?? [];
  if (path === undefined) return undefined;
  return isFolder(path) ? { kind: "hidden", path: ownText(path), why: unreadableBy(why) } : undefined;
}

/** The same text without the listing that it was cut from: a part of a text keeps all of it in memory. */
function ownText(text: string): string {
  return decodeBytes(encodeBytes(text));
}

/** The reason by the host's own word for it. */
export function unreadableBy(word: string | undefined): Unreadable {
  return word === "denied" || word === "path-too-long" ? word : "unreadable";
}

function isFolder(path: string): boolean {
  return path === "" || isSafePath(path);
}

function readEntry(record: string): RemoteEntry | undefined {
  const [, letter, size, mtime = "", ctime = "", inode = "", mode, path = ""] = present.exec(record) ?? [];
  if (letter === undefined || !isSafePath(path) || Number(size) > Number.MAX_SAFE_INTEGER) return undefined;
  const stamp = stampOf({
    size: letter === "d" ? 0 : Number(size),
    mtime,
    ctime,
    inode,
    mode: Number.parseInt(mode ?? "0", 8),
  });
  return { kind: letter === "d" ? "folder" : "file", path, stamp };
}

/** All of ASCII but NUL. */
const isPlain = /^[\x01-\x7f]*$/;
/** A part of a path that has no name, or leads elsewhere. */
const misleading = /(?:^|\/)\.{0,2}(?:\/|$)/;
/** Characters of one name: any disk takes fewer. */
const longestName = 16 * 1024;

/** Host input is untrusted: reject paths that could lead out of the cache folder. */
export function isSafePath(path: string): boolean {
  if (misleading.test(path)) return false;
  if (path.length >= longestName && path.split("/").some((part) => part.length >= longestName)) return false;
  // Text of another origin may be none that a host has.
  return isPlain.test(path) || (!path.includes("\0") && decodeBytes(encodeBytes(path)) === path);
}
