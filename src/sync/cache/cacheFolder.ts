import { createHash } from "node:crypto";
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { copyFile, type FileHandle, lstat, open, statfs } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { encodeBytes } from "../../common/text/bytes.js";
import type { LocalPath } from "../../common/files/regularFile.js";
import { hasErrorCode } from "../../common/files/errorCode.js";
import { removeFile } from "../../common/files/replaceFile.js";
import { forEntry } from "./entryFailure.js";
import type { LocalNames } from "./localNames.js";
import { type Found, identityOf, isSameButMoved, type LocalIdentity } from "../manifest/localIdentity.js";
import type { Manifest } from "../manifest/manifest.js";
import { createSafeRemoval, type Keep } from "./safeRemoval.js";
import { createCopyTree, type CopyTree } from "./copyTree.js";
import { openStaging, type Staging } from "./staging.js";
import type { WriteRight } from "./writeTurns.js";
import type { Stamp } from "../remote/remoteFiles.js";
import { makeFolder } from "../../common/files/makeFolder.js";

/**
 * The copied files on this machine. A file appears under its name in one step, whole; one that only grows is a
 * beginning of the host's at any moment. Paths are the host's (see `isSafePath`), and nothing is written outside. Who
 * writes has the right to do so (see `WriteRight`), and is asked for it before each step that others see.
 *
 * What cannot be done to one file or folder alone is a Failure `sync-entry-not-stored`: the others go on. Whatever else
 * is thrown (no space, a disk that fails, a lost right) concerns them all.
 */
export interface CacheFolder {
  /** The absolute local path, for programs that take text; undecodable bytes are kept only by `bytesOf`. */
  pathOf(path: string): string;
  /** The same as the file system's own bytes. */
  bytesOf(path: string): Buffer | string;
  /** The same for whoever reads it. */
  placeOf(path: string): LocalPath;
  /** Before anything of a file comes for the first time: decides on its local name, and makes the place free. */
  claim(path: string): Promise<void>;
  /** Puts a whole small file in its place. */
  putWhole(path: string, chunks: readonly Buffer[], stamp: Stamp): Promise<LocalIdentity>;
  /** Writes behind what is there already. */
  putAppended(path: string, offset: number, chunks: readonly Buffer[], stamp: Stamp): Promise<LocalIdentity>;
  /** Opens the staged copy of a file that comes piece by piece. `from`: keep what was staged, or begin with the file. */
  stage(path: string, from: "nothing" | "staged" | "present"): Promise<CopyFile>;
  /** Opens a file in its place, to write from `start` on; undefined where that is not safe. */
  openInPlace(path: string, start: number): Promise<PresentFile | undefined>;
  /** Takes over what was staged of this file so far. Returns its bytes. */
  takeStaged(path: string): Promise<number>;
  /** Keeps what was staged for the next transfer. */
  keepStaged(path: string): Promise<void>;
  /** Moves the staged copy into its place. */
  putStaged(path: string, stamp: Stamp): Promise<LocalIdentity>;
  /** Gives what is in its place the times and the mode of the host's. Undefined where no file is. */
  setStamp(path: string, stamp: Stamp): Promise<LocalIdentity | undefined>;
  makeFolder(path: string): Promise<void>;
  /** Removes what we made, and nothing else; sets files aside where what is gone is kept. */
  remove(path: string, kind: "file" | "folder"): Promise<void>;
  /** The same for a file at this place of this machine. */
  removeAt(local: string): Promise<void>;
  /** Whether what is gone from the host is kept. */
  keepsGone(): Promise<boolean>;
  removeStaged(path: string): Promise<void>;
  /** Bytes, or undefined where there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** What is in its place. */
  look(path: string): Promise<Found>;
  /** The same at once: many times faster on a disk of this machine, and on others nothing else goes on meanwhile. */
  lookNow(path: string): Found;
  /** SHA-256 (hex) of these parts of a file, or of its staged copy, one after the other. */
  digest(path: string, blocks: readonly (readonly [number, number])[], staged?: boolean): Promise<string>;
  /** Bytes free where the cache is. */
  freeSpace(): Promise<number>;
  /** See `Staging`. */
  tidyStaging(dead: readonly string[]): Promise<void>;
}

/** A file that is written piece by piece. */
export interface CopyFile {
  write(bytes: Buffer, at: number): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** A file that is written where others read it. */
export interface PresentFile extends CopyFile {
  setStamp(stamp: Stamp): Promise<LocalIdentity>;
}

export interface CacheFolderOptions {
  readonly names: LocalNames;
  readonly manifest: Manifest;
  readonly right: WriteRight;
  readonly keep: Keep;
}

const readBlock = 1 << 20;

/** @param folder absolute path, made when missing with mode 0700. */
export async function openCacheFolder(folder: string, options: CacheFolderOptions): Promise<CacheFolder> {
  const { names, manifest, right, keep } = options;
  const files = join(folder, "files");
  await makeFolder(files);
  const staging = openStaging(join(folder, "staging"), right);
  const pathOf = (path: string): string => {
    const local = resolve(files, ...names.of(path).split("/"));
    // The names are safe already; this holds even where they are not.
    if (!local.startsWith(`${files}${sep}`)) throw new RangeError("a path leads out of the cache");
    return local;
  };
  const bytesOf = (path: string): Buffer | string => onDisk(pathOf(path));
  const decideName = (path: string): void => names.decide(path);
  const removal = createSafeRemoval({ files, asideFolder: join(folder, "set-aside"), manifest, right, keep });
  const tree = createCopyTree({ bytesOf, decideName, manifest, right, removal });
  const writing = { staging, tree, bytesOf, manifest, right, keep };

  /** What fails for one file or folder alone is said of that one. */
  const each =
    <A extends readonly unknown[], T>(work: (path: string, ...rest: A) => Promise<T> | T) =>
    (path: string, ...rest: A): Promise<T> =>
      forEntry(
        path,
        () => pathOf(path),
        () => work(path, ...rest),
      );

  return {
    pathOf,
    bytesOf,
    placeOf: bytesOf,
    claim: each((path) => tree.claim(path)),
    putWhole: each((path, chunks, stamp) => putWhole(writing, path, chunks, stamp)),
    putAppended: each((...addition) => putAppended(writing, ...addition)),
    stage: each((path, from) => stage(writing, path, from)),
    openInPlace: each((path, start) => openInPlace(writing, path, start)),
    takeStaged: each((path) => staging.takeOver(path)),
    keepStaged: each((path) => staging.keep(path)),
    putStaged: each((path, stamp) => putStaged(writing, path, stamp)),
    setStamp: each((path, stamp) => setStamp(writing, path, stamp)),
    makeFolder: each((path) => tree.makeFolder(path)),
    remove: each((path, kind) => (kind === "file" ? tree.removeFile(path) : tree.removeFolder(path))),
    removeAt: (local) => removal.remove(local),
    keepsGone: keep.isChosen,
    removeStaged: each((path) => staging.remove(path)),
    size: async (path) => {
      const info = await lstat(bytesOf(path)).catch(() => undefined);
      return info?.isFile() ? info.size : undefined;
    },
    look: async (path) => {
      const info = await lstat(bytesOf(path), { bigint: true }).catch(() => undefined);
      return info && foundIn(info);
    },
    lookNow: (path) => {
      try {
        const info = lstatSync(bytesOf(path), { bigint: true, throwIfNoEntry: false });
        return info && foundIn(info);
      } catch {
        return undefined;
      }
    },
    digest: each((path, blocks, staged = false) =>
      digestOf(staged ? staging.own(path) : bytesOf(path), blocks),
    ),
    freeSpace: () => freeSpaceOf(folder),
    tidyStaging: (dead) => staging.tidy(dead),
  };
}

/** Bytes that we may use on the disk of a folder. */
export async function freeSpaceOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What stands somewhere, as `lstat` tells it. */
export function foundIn(info: BigIntStats): Found {
  if (info.isDirectory()) return "folder";
  return info.isFile() ? identityOf(info) : undefined;
}

/** What the steps of writing have in common. */
interface Writing {
  readonly staging: Staging;
  readonly tree: CopyTree;
  readonly bytesOf: (path: string) => Buffer | string;
  readonly manifest: Manifest;
  readonly right: WriteRight;
  readonly keep: Keep;
}

async function putWhole(
  { staging, tree, bytesOf }: Writing,
  path: string,
  chunks: readonly Buffer[],
  stamp: Stamp,
): Promise<LocalIdentity> {
  const staged = staging.own(path);
  // Small and in the page cache: a few calls in a row beat as many turns of the event loop.
  const file = openSync(staged, "w", 0o600);
  let identity: LocalIdentity;
  try {
    for (const chunk of chunks) writeAll(file, chunk);
    fchmodSync(file, stamp.mode | 0o600);
    futimesSync(file, Number(stamp.mtime), Number(stamp.mtime));
    identity = identityOf(fstatSync(file, { bigint: true }));
  } finally {
    closeSync(file);
  }
  try {
    await tree.put(staged, path);
  } catch (error) {
    await removeFile(staged);
    throw error;
  }
  return movedTo(bytesOf(path), identity);
}

/** What a file is right after it was moved to its place, which changes its change time. */
function movedTo(local: Buffer | string, before: LocalIdentity): LocalIdentity {
  const info = lstatSync(local, { bigint: true, throwIfNoEntry: false });
  const found = info && foundIn(info);
  // Whatever else is there by now is somebody's: it is found to be another one.
  return found && found !== "folder" && isSameButMoved(found, before) ? found : before;
}

async function putAppended(
  writing: Writing,
  path: string,
  offset: number,
  chunks: readonly Buffer[],
  stamp: Stamp,
): Promise<LocalIdentity> {
  // One write, so that whoever reads sees as few steps in between as can be.
  const all = Buffer.concat(chunks);
  const present = await openInPlace(writing, path, offset);
  const file = present ?? (await stage(writing, path, "present"));
  try {
    await file.write(all, offset);
    await file.truncate(offset + all.length);
    if (present) return await present.setStamp(stamp);
  } finally {
    await file.close();
  }
  return putStaged(writing, path, stamp);
}

async function stage(
  { staging, bytesOf }: Writing,
  path: string,
  from: "nothing" | "staged" | "present",
): Promise<CopyFile> {
  const staged = staging.own(path);
  if (from === "present") await copyFile(bytesOf(path), staged, constants.COPYFILE_FICLONE);
  // Nobody else writes a file with this name: what is done to it needs no asking.
  return copyFileOf(await open(staged, from === "nothing" ? "w+" : "r+", 0o600), () => Promise.resolve());
}

/**
 * Only the very file that this program, or one that is dead for certain, wrote: what another one may have open could
 * change again. It is opened first and the right asked for then, so that one who lost it holds no file of its successor.
 */
async function openInPlace(
  { bytesOf, manifest, right, keep }: Writing,
  path: string,
  start: number,
): Promise<PresentFile | undefined> {
  const known = manifest.get(path)?.local;
  if (!known || known.isShared) return undefined;
  const handle = await open(bytesOf(path), "r+");
  const found = identityOf(await handle.stat({ bigint: true }));
  // More than is known of it came before something ended: that is not written over where it is kept.
  if (found.inode !== known.inode || (found.size > start && (await keep.isChosen()))) {
    await handle.close();
    return undefined;
  }
  return {
    ...copyFileOf(handle, () => right.check()),
    setStamp: async (stamp) => {
      await right.check();
      await handle.chmod(stamp.mode | 0o600);
      await handle.utimes(Number(stamp.mtime), Number(stamp.mtime));
      return identityOf(await handle.stat({ bigint: true }));
    },
  };
}

async function putStaged(
  { staging, tree, bytesOf }: Writing,
  path: string,
  stamp: Stamp,
): Promise<LocalIdentity> {
  const staged = staging.own(path);
  chmodSync(staged, stamp.mode | 0o600);
  utimesSync(staged, Number(stamp.mtime), Number(stamp.mtime));
  const identity = identityOf(lstatSync(staged, { bigint: true }));
  try {
    await tree.put(staged, path);
  } catch (error) {
    await staging.keep(path);
    throw error;
  }
  return movedTo(bytesOf(path), identity);
}

async function setStamp(
  { bytesOf, manifest, right }: Writing,
  path: string,
  stamp: Stamp,
): Promise<LocalIdentity | undefined> {
  const local = bytesOf(path);
  await right.check();
  try {
    chmodSync(local, stamp.mode | 0o600);
    utimesSync(local, Number(stamp.mtime), Number(stamp.mtime));
    const info = lstatSync(local, { bigint: true });
    if (!info.isFile()) return undefined;
    const found = identityOf(info);
    const before = manifest.get(path)?.local;
    return before?.isShared && before.inode === found.inode ? { ...found, isShared: true } : found;
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** @param check is called right before each step. */
function copyFileOf(handle: FileHandle, check: () => Promise<void>): CopyFile {
  return {
    write: async (bytes, at) => {
      for (let done = 0; done < bytes.length;) {
        await check();
        done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      }
    },
    truncate: async (size) => {
      if ((await handle.stat()).size === size) return;
      await check();
      await handle.truncate(size);
    },
    close: () => handle.close(),
  };
}

/** Undecodable bytes must reach the file system as they were; text is what other platforms take. */
export function onDisk(path: string): Buffer | string {
  return /[\udc80-\udcff]/.test(path) ? encodeBytes(path) : path;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

async function digestOf(
  path: string | Buffer,
  blocks: readonly (readonly [number, number])[],
): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(readBlock);
  const file = await open(path, "r");
  try {
    for (const [start, length] of blocks) {
      for (let at = start; at < start + length;) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(readBlock, start + length - at), at);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
