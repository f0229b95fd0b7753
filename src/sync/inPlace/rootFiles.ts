import { lstatSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { createWithinRoot } from "./withinRoot.js";
import { type CacheFolder, foundIn, freeSpaceOf, onDisk } from "../cache/cacheFolder.js";

/**
 * The files of a root of this machine as those of a copy that nobody can write to: all that would throws.
 * @param root absolute path. @param folder where what is known of it is kept.
 */
export function createRootFiles(root: string, folder: string): CacheFolder {
  const within = root.endsWith(sep) ? root : `${root}${sep}`;
  const pathOf = (path: string): string => {
    const local = resolve(root, ...path.split("/"));
    // The names are safe already; this holds even where they are not.
    if (!local.startsWith(within)) throw new RangeError("a path leads out of the root");
    return local;
  };
  const bytesOf = (path: string): Buffer | string => onDisk(pathOf(path));
  const isWithin = createWithinRoot(root);
  const refuse = (): Promise<never> =>
    Promise.reject(new Error("what is read where it lies is never written"));
  return {
    pathOf,
    bytesOf,
    placeOf: (path) => {
      const local = bytesOf(path);
      return { path: local, mayRead: (opened) => isWithin(opened, local) };
    },
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
    freeSpace: () => freeSpaceOf(folder),
    keepsGone: () => Promise.resolve(false),
    claim: refuse,
    putWhole: refuse,
    putAppended: refuse,
    stage: refuse,
    openInPlace: refuse,
    takeStaged: refuse,
    keepStaged: refuse,
    putStaged: refuse,
    setStamp: refuse,
    makeFolder: refuse,
    remove: refuse,
    removeAt: refuse,
    removeStaged: refuse,
    digest: refuse,
    tidyStaging: refuse,
  };
}
