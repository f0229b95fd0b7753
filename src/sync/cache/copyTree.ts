import { type Dirent, mkdirSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { posix } from "node:path";
import { hasErrorCode } from "../../common/files/errorCode.js";
import { isInUse, renameOver } from "../../common/files/replaceFile.js";
import type { Manifest } from "../manifest/manifest.js";
import { isHere } from "../manifest/sameness.js";
import { type LocalPath, lookAt, type SafeRemoval, retry } from "./safeRemoval.js";
import type { WriteRight } from "./writeTurns.js";

/**
 * Which name leads to what, below the folder of the copied files. What is removed or replaced is what the manifest says
 * that we made; whatever else is in the way is moved aside, and never removed.
 */
export interface CopyTree {
  makeFolder(path: string): Promise<void>;
  /** Before anything of a file comes for the first time: moves aside what somebody else has in its place. */
  claim(path: string): Promise<void>;
  /** Moves a file that is whole into its place. */
  put(from: string, path: string): Promise<void>;
  /** Removes a file of ours, by `SafeRemoval`. */
  removeFile(path: string): Promise<void>;
  /** Removes a folder of ours with the folders in it, unless there are files of somebody else. */
  removeFolder(path: string): Promise<void>;
}

export interface CopyTreeOptions {
  /** The local path as the file system takes it. */
  readonly bytesOf: (path: string) => Buffer | string;
  /** Decides on the local name where that was not done yet. */
  readonly decideName: (path: string) => void;
  readonly manifest: Manifest;
  readonly right: WriteRight;
  readonly removal: SafeRemoval;
}

export function createCopyTree(options: CopyTreeOptions): CopyTree {
  const { bytesOf, decideName, manifest, right, removal } = options;
  const folders = createFolders(options);
  const clearFolder = (local: Buffer | string): Promise<void> => clearFolderAt(local, options);
  return {
    makeFolder: async (path) => {
      folders.forget(path);
      await right.check();
      try {
        await folders.make(path);
      } catch (error) {
        if (!hasErrorCode(error, "ENOENT", "ENOTDIR")) throw error;
        // Somebody removed a folder above it.
        folders.forgetAll();
        await folders.make(path);
      }
    },
    claim: async (path) => {
      decideName(path);
      const entry = manifest.get(path);
      if (entry && isHere(entry)) return;
      const local = bytesOf(path);
      const found = lookAt(local);
      if (found?.isDirectory()) await clearFolder(local);
      else if (found) await removal.setAside(local);
    },
    put: async (from, path) => {
      await folders.make(parentOf(path));
      const to = bytesOf(path);
      await removal.replace(path, to, from);
      await right.check();
      try {
        // As a rule this is all, and a turn of the event loop would take longer.
        renameSync(from, to);
        return;
      } catch (error) {
        if (hasErrorCode(error, "ENOENT", "ENOTDIR")) {
          // Somebody removed the folder under us, or put a file there.
          folders.forgetAll();
          await folders.make(parentOf(path));
        } else if (hasErrorCode(error, "EISDIR", "ENOTEMPTY") || isInUse(error)) {
          if (lookAt(to)?.isDirectory()) await clearFolder(to);
        } else throw error;
      }
      await right.check();
      await renameOver(from, to, retry);
    },
    removeFile: (path) => removal.remove(bytesOf(path)),
    removeFolder: async (path) => {
      folders.forgetAll();
      await right.check();
      removeEmptyFolders(bytesOf(path));
    },
  };
}

/** Folders that are known to be there: to ask the file system costs little more than to remember a million. */
const mostMade = 10_000;

/** Makes folders, and knows which it has made. */
function createFolders(options: CopyTreeOptions) {
  const { bytesOf, decideName, manifest, right, removal } = options;
  const made = new Set<string>();

  const make = async (path: string): Promise<void> => {
    if (path === "" || made.has(path)) return;
    await make(parentOf(path));
    decideName(path);
    const local = bytesOf(path);
    try {
      mkdirSync(local, { mode: 0o700 });
    } catch (error) {
      if (!hasErrorCode(error, "EEXIST")) throw error;
      if (!lookAt(local)?.isDirectory()) await replaceFile(path, local);
    }
    if (made.size === mostMade) made.clear();
    made.add(path);
  };
  /** The host had a file there before, and we its copy; or it is somebody else's. */
  const replaceFile = async (path: string, local: Buffer | string): Promise<void> => {
    const entry = manifest.get(path);
    await right.check();
    if (entry?.local) {
      await removal.remove(local);
      manifest.set({ ...entry, local: undefined });
    } else await removal.setAside(local);
    // Recursive: somebody else may have made it meanwhile.
    mkdirSync(local, { mode: 0o700, recursive: true });
  };
  return { make, forget: (path: string) => made.delete(path), forgetAll: () => made.clear() };
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}

/** Somebody's folder is where a file of ours is to be. */
async function clearFolderAt(local: LocalPath, { right, removal }: CopyTreeOptions): Promise<void> {
  await right.check();
  removeEmptyFolders(local);
  if (lookAt(local)) await removal.setAside(local);
}

/** Removes a folder unless there is a file in it, or in a folder in it. */
export function removeEmptyFolders(local: Buffer | string): void {
  for (const entry of foldersIn(local)) {
    if (entry.isDirectory()) removeEmptyFolders(Buffer.concat([Buffer.from(local), separator, entry.name]));
  }
  try {
    rmdirSync(local);
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST")) throw error;
  }
}

const separator = Buffer.from("/");

function foldersIn(local: Buffer | string): readonly Dirent<Buffer>[] {
  try {
    return readdirSync(local, { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    if (hasErrorCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
