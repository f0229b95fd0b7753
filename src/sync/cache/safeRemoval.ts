import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, type Stats, unlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { hasErrorCode } from "../../common/files/errorCode.js";
import { removeFile, renameOver } from "../../common/files/replaceFile.js";
import type { Manifest } from "../manifest/manifest.js";
import type { WriteRight } from "./writeTurns.js";

/** The only code that removes, replaces or moves files of a copy. Local paths are as the file system takes them. */
export interface SafeRemoval {
  /** Removes a file; sets it aside where what is gone from the host is kept. */
  remove(local: LocalPath): Promise<void>;
  /**
   * Before another file takes the place of this one: where what is gone is kept, sets aside what would be lost by that.
   * A file that the host rewrites, as long as it was or longer, makes way for what it is now.
   * @param path the host's. @param by the whole file that is to be there.
   */
  replace(path: string, local: LocalPath, by: string): Promise<void>;
  /** Moves a file or folder, whoever made it, to where nothing is removed or replaced. */
  setAside(local: LocalPath): Promise<void>;
}

export type LocalPath = Buffer | string;

export interface SafeRemovalOptions {
  /** Absolute path of the folder of the copied files. */
  readonly files: string;
  /** Absolute path of the folder for what is set aside; made when it is needed. */
  readonly asideFolder: string;
  readonly manifest: Pick<Manifest, "get">;
  readonly right: WriteRight;
  readonly keep: Keep;
}

/** What is to be kept that the host no longer has. */
export interface Keep {
  /** Asked anew each time: another window may choose it at any moment. */
  readonly isChosen: () => Promise<boolean>;
  /** Whether a file of so many bytes is rewritten all the time, and varies in length. */
  readonly isRewritten: (path: string, size: number) => boolean;
  /** Whether a file only ever grows at its end. */
  readonly onlyGrows: (path: string) => boolean;
}

export const keepNothing: Keep = {
  isChosen: () => Promise.resolve(false),
  isRewritten: () => false,
  onlyGrows: () => false,
};

/** Milliseconds for which a file that another program has open is tried again: the next pass does so as well. */
export const retry = { patience: 1_000 };
/**
 * How often a file is set aside since it was shortened, from one opening of the copy to the next: one that is shortened over
 * and over is rewritten by whoever writes it, and would fill the disk with what it was.
 */
const mostShortened = 20;

export function createSafeRemoval(options: SafeRemovalOptions): SafeRemoval {
  const { manifest, right, keep } = options;
  const setAside = createAside(options);
  const shortened = new Map<string, number>();

  const isWithinBudget = (path: string): boolean => {
    const times = (shortened.get(path) ?? 0) + 1;
    shortened.set(path, times);
    return times <= mostShortened;
  };

  const isLost = async (path: string, local: LocalPath, size: number, by: string): Promise<boolean> => {
    const left = lstatSync(by).size;
    // What is there and not known as held is no earlier state of what comes: another file, or one that came back.
    const isEarlier = manifest.get(path)?.held !== undefined;
    if (left >= size) {
      if (isEarlier && !keep.onlyGrows(path)) return false;
      if (await beginsWith(by, local, size)) return false;
    } else {
      // What is rewritten all the time loses something where half of it goes.
      const mayBe = keep.isRewritten(path, size) ? size / 2 : size;
      if (isEarlier && left >= mayBe) return false;
    }
    return !isEarlier || isWithinBudget(path);
  };

  return {
    remove: async (local) => {
      const found = lookAt(local);
      if (!found || found.isDirectory()) return;
      if (await keep.isChosen()) {
        await setAside(local);
        return;
      }
      await right.check();
      try {
        unlinkSync(local);
      } catch {
        await removeFile(local, retry);
      }
    },
    replace: async (path, local, by) => {
      const found = lookAt(local);
      if (!found?.isFile() || found.size === 0 || !(await keep.isChosen())) return;
      if (await isLost(path, local, found.size, by)) await setAside(local);
    },
    setAside,
  };
}

/**
 * What is set aside keeps its path, below a folder with the time. Nothing is there before: where something has that path
 * already, another folder is begun.
 */
function createAside({ files, asideFolder, right }: SafeRemovalOptions): (local: LocalPath) => Promise<void> {
  let folder: string | undefined;
  const begin = (): string => {
    mkdirSync(asideFolder, { recursive: true, mode: 0o700 });
    const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    const begun = join(asideFolder, `${time}-${randomBytes(4).toString("hex")}`);
    mkdirSync(begun, { mode: 0o700 });
    return begun;
  };
  const moveTo = async (local: LocalPath, to: LocalPath): Promise<boolean> => {
    try {
      mkdirSync(parentOf(to), { recursive: true, mode: 0o700 });
      if (lookAt(to)) return false;
    } catch (error) {
      // A file that was set aside stands where a folder is to be.
      if (hasErrorCode(error, "EEXIST", "ENOTDIR")) return false;
      throw error;
    }
    await renameOver(local, to, retry);
    return true;
  };
  return async (local) => {
    await right.check();
    try {
      folder ??= begin();
      if (await moveTo(local, placeIn(folder, files, local))) return;
      folder = begin();
      await moveTo(local, placeIn(folder, files, local));
    } catch (error) {
      if (!hasErrorCode(error, "ENAMETOOLONG")) throw error;
      const name = basename(String(local)).replace(/[\ud800-\udfff\ufffd]/g, "_");
      await renameOver(local, join(begin(), name.slice(-100)), retry);
    }
  };
}

/** The same path below another folder. */
function placeIn(folder: string, files: string, local: LocalPath): LocalPath {
  if (typeof local === "string") return join(folder, local.slice(files.length));
  return Buffer.concat([Buffer.from(folder), local.subarray(Buffer.byteLength(files))]);
}

function parentOf(path: LocalPath): LocalPath {
  return typeof path === "string" ? join(path, "..") : path.subarray(0, path.lastIndexOf("/"));
}

/** Undefined where there is nothing. */
export function lookAt(local: LocalPath): Stats | undefined {
  try {
    return lstatSync(local);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Bytes that are compared at once. */
const comparedAtOnce = 1 << 20;

/** Whether a file begins with all `size` bytes of another one. */
async function beginsWith(file: string, beginning: LocalPath, size: number): Promise<boolean> {
  const [one, other] = [await open(file, "r"), await open(beginning, "r")];
  try {
    const [a, b] = [Buffer.allocUnsafe(comparedAtOnce), Buffer.allocUnsafe(comparedAtOnce)];
    for (let at = 0; at < size; at += comparedAtOnce) {
      const length = Math.min(comparedAtOnce, size - at);
      const [{ bytesRead }] = await Promise.all([one.read(a, 0, length, at), other.read(b, 0, length, at)]);
      if (bytesRead !== length || !a.subarray(0, length).equals(b.subarray(0, length))) return false;
    }
    return true;
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
}
