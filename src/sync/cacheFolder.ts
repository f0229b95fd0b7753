import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { copyFile, type FileHandle, lstat, mkdir, open, rm, rmdir, statfs } from "node:fs/promises";
import { join, posix, resolve, sep } from "node:path";
import { encodeBytes } from "../common/bytes.js";
import { hasErrorCode } from "../common/sharedFile.js";
import type { LocalNames } from "./localNames.js";
import type { Stamp } from "./remoteFiles.js";

/**
 * The copied files on this machine. A file appears under its name in one step, whole; one that only grows is a
 * beginning of the host's at any moment. Paths are the host's (see `isSafePath`), and nothing is written outside.
 */
export interface CacheFolder {
  /** The absolute local path, for programs that take text; undecodable bytes are kept only by `bytesOf`. */
  pathOf(path: string): string;
  /** The same as the file system's own bytes. */
  bytesOf(path: string): Buffer | string;
  /** Puts a whole small file in its place. */
  putWhole(path: string, chunks: readonly Buffer[], stamp: Stamp): void;
  /** Writes behind what is there already. */
  putAppended(path: string, offset: number, chunks: readonly Buffer[], stamp: Stamp): Promise<void>;
  /** Opens the staged copy of a file that comes piece by piece. `from`: keep what was staged, or begin with the file. */
  stage(path: string, from: "nothing" | "staged" | "present"): Promise<FileHandle>;
  /** Opens a file in its place, to add to its end. */
  openInPlace(path: string): Promise<FileHandle>;
  /** Bytes staged of this file so far. */
  stagedSize(path: string): Promise<number>;
  /** Moves the staged copy into its place. */
  putStaged(path: string, stamp: Stamp): void;
  /** Gives what is in its place the times and the mode of the host's. */
  setStamp(path: string, stamp: Stamp): void;
  makeFolder(path: string): void;
  remove(path: string, kind: "file" | "folder"): Promise<void>;
  removeStaged(path: string): Promise<void>;
  /** Bytes, or undefined where there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** SHA-256 (hex) of these parts of a file, or of its staged copy, one after the other. */
  digest(path: string, blocks: readonly (readonly [number, number])[], staged?: boolean): Promise<string>;
  /** Bytes free where the cache is. */
  freeSpace(): Promise<number>;
}

const readBlock = 1 << 20;

/** @param folder absolute path, made when missing with mode 0700. */
export async function openCacheFolder(folder: string, names: LocalNames): Promise<CacheFolder> {
  const files = join(folder, "files");
  const staging = join(folder, "staging");
  await mkdir(files, { recursive: true, mode: 0o700 });
  await mkdir(staging, { recursive: true, mode: 0o700 });
  const made = new Set<string>();

  const pathOf = (path: string): string => {
    const local = resolve(files, ...names.of(path).split("/"));
    // The names are safe already; this holds even where they are not.
    if (!local.startsWith(`${files}${sep}`)) throw new RangeError("a path leads out of the cache");
    return local;
  };
  const bytesOf = (path: string): Buffer | string => onDisk(pathOf(path));
  const stagedPath = (path: string): string =>
    join(staging, createHash("sha256").update(encodeBytes(path)).digest("hex").slice(0, 32));

  const makeFolder = (path: string): void => {
    if (path === "" || path === "." || made.has(path)) return;
    makeFolder(parentOf(path));
    const local = bytesOf(path);
    try {
      mkdirSync(local, { mode: 0o700 });
    } catch (error) {
      if (!hasErrorCode(error, "EEXIST")) throw error;
      if (!lstatSync(local).isDirectory()) {
        rmSync(local);
        mkdirSync(local, { mode: 0o700 });
      }
    }
    made.add(path);
  };
  const intoPlace = (from: string, path: string): void => {
    makeFolder(parentOf(path));
    try {
      renameSync(from, bytesOf(path));
    } catch (error) {
      if (hasErrorCode(error, "ENOENT")) {
        // Somebody removed the folder under us.
        made.clear();
        makeFolder(parentOf(path));
      } else if (hasErrorCode(error, "EISDIR") || hasErrorCode(error, "ENOTEMPTY")) {
        rmSync(bytesOf(path), { recursive: true, force: true });
      } else throw error;
      renameSync(from, bytesOf(path));
    }
  };

  return {
    pathOf,
    bytesOf,
    putWhole: (path, chunks, stamp) => {
      const staged = stagedPath(path);
      // Small and in the page cache: a few calls in a row beat as many turns of the event loop.
      const file = openSync(staged, "w", 0o600);
      try {
        for (const chunk of chunks) writeAll(file, chunk);
        fchmodSync(file, stamp.mode | 0o600);
        futimesSync(file, Number(stamp.mtime), Number(stamp.mtime));
      } finally {
        closeSync(file);
      }
      intoPlace(staged, path);
    },
    putAppended: async (path, offset, chunks, stamp) => {
      const file = await open(bytesOf(path), "r+");
      try {
        // One write, so that whoever reads sees as few steps in between as can be.
        const all = Buffer.concat(chunks);
        await writeFully(file, all, offset);
        if ((await file.stat()).size > offset + all.length) await file.truncate(offset + all.length);
        await file.chmod(stamp.mode | 0o600);
        await file.utimes(Number(stamp.mtime), Number(stamp.mtime));
      } finally {
        await file.close();
      }
    },
    stage: async (path, from) => {
      const staged = stagedPath(path);
      if (from === "present") await copyFile(bytesOf(path), staged, constants.COPYFILE_FICLONE);
      return open(staged, from === "nothing" ? "w+" : "r+", 0o600);
    },
    openInPlace: (path) => open(bytesOf(path), "r+"),
    stagedSize: async (path) => (await lstat(stagedPath(path)).catch(() => undefined))?.size ?? 0,
    putStaged: (path, stamp) => {
      const staged = stagedPath(path);
      chmodSync(staged, stamp.mode | 0o600);
      utimesSync(staged, Number(stamp.mtime), Number(stamp.mtime));
      intoPlace(staged, path);
    },
    setStamp: (path, stamp) => {
      const local = bytesOf(path);
      try {
        chmodSync(local, stamp.mode | 0o600);
        utimesSync(local, Number(stamp.mtime), Number(stamp.mtime));
      } catch (error) {
        if (!hasErrorCode(error, "ENOENT")) throw error;
      }
    },
    makeFolder: (path) => {
      made.delete(path);
      makeFolder(path);
    },
    remove: async (path, kind) => {
      made.clear();
      const local = bytesOf(path);
      if (kind === "file") await rm(local, { force: true, recursive: true });
      else await rmdir(local).catch(() => rm(local, { force: true, recursive: true }));
    },
    removeStaged: (path) => rm(stagedPath(path), { force: true }),
    size: async (path) => {
      const info = await lstat(bytesOf(path)).catch(() => undefined);
      return info?.isFile() ? info.size : undefined;
    },
    digest: async (path, blocks, staged = false) => {
      const file = await open(staged ? stagedPath(path) : bytesOf(path), "r");
      try {
        return await digestOf(file, blocks);
      } finally {
        await file.close();
      }
    },
    freeSpace: async () => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
  };
}

/** Undecodable bytes must reach the file system as they were; text is what other platforms take. */
function onDisk(path: string): Buffer | string {
  return /[\udc80-\udcff]/.test(path) ? encodeBytes(path) : path;
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** Writes all of it at the offset, however many calls that takes. */
export async function writeFully(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
  }
}

async function digestOf(file: FileHandle, blocks: readonly (readonly [number, number])[]): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(readBlock);
  for (const [start, length] of blocks) {
    for (let at = start; at < start + length;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(readBlock, start + length - at), at);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  }
  return hash.digest("hex");
}
