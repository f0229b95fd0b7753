import { decodeBytes } from "../common/bytes.js";
import type { ListingChange, RemoteEntry, Stamp } from "./remoteFiles.js";

/** Reads the records of a listing, which may be cut anywhere: feed it what comes, piece by piece. */
export function createListingReader(onChanges: (changes: readonly ListingChange[]) => void): {
  feed(bytes: Buffer): void;
} {
  let rest: Buffer = Buffer.alloc(0);
  return {
    feed: (bytes) => {
      const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
      const end = all.lastIndexOf(0);
      rest = Buffer.from(all.subarray(end + 1));
      if (end < 0) return;
      const changes = recordsIn(all.subarray(0, end)).flatMap((record) => readRecord(record) ?? []);
      if (changes.length > 0) onChanges(changes);
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

function readRecord(record: string): ListingChange | undefined {
  const path = record.slice(2);
  if (record.startsWith("- ")) return isSafePath(path) ? { kind: "gone", path } : undefined;
  if (record.startsWith("! "))
    return path === "" || isSafePath(path) ? { kind: "unreadable", path } : undefined;
  const entry = readEntry(record);
  return entry && { kind: "present", entry };
}

function readEntry(record: string): RemoteEntry | undefined {
  const [, letter, size, mtime = "", ctime = "", inode = "", mode, path = ""] = present.exec(record) ?? [];
  if (letter === undefined || !isSafePath(path) || Number(size) > Number.MAX_SAFE_INTEGER) return undefined;
  const stamp: Stamp = {
    size: letter === "d" ? 0 : Number(size),
    mtime: nineDecimals(mtime),
    ctime: nineDecimals(ctime),
    inode,
    mode: Number.parseInt(mode ?? "0", 8) & 0o777,
  };
  return { kind: letter === "d" ? "folder" : "file", path, stamp };
}

/** Tools print seconds with none, nine or ten decimals. */
export function nineDecimals(time: string): string {
  const [seconds = "0", decimals = ""] = time.split(".");
  return `${seconds}.${decimals.padEnd(9, "0").slice(0, 9)}`;
}

/** A host may send anything: what could lead out of the cache folder is no path. */
export function isSafePath(path: string): boolean {
  return (
    path !== "" &&
    !path.includes("\0") &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}
