import type { Disposable } from "../common/async/disposable.js";
import type { LocalPath } from "../common/files/regularFile.js";
import { watchFolder } from "../common/files/watchFolder.js";
import { type Cache, openCache } from "./cache/cache.js";
import type { Keep } from "./cache/safeRemoval.js";
import type { Entries } from "./manifest/entryTable.js";
import { openRootCache } from "./inPlace/rootCache.js";
import { createKeepsGone } from "./syncRecord.js";
import { isMetadata, onlyGrows } from "./runIndex/layout.js";
import { createRunIndex, type RunIndex } from "./runIndex/runs.js";
import { createRunSigns, type RunSigns } from "./runIndex/runSigns.js";

export interface OpenCopy {
  readonly cache: Cache;
  readonly index: RunIndex;
  readonly signs: RunSigns;
}

/** A read-only view of the copy of a root. */
export interface CopyView {
  /** Our folder of this root: the files, and what is known of them. */
  readonly folder: string;
  readonly entries: Entries;
  /** Another one whenever something about the files or the runs changed, in this program. */
  readonly revision: string;
  /** See `RunIndex`. */
  keyOf(folder: string): string | undefined;
  /** Where a file is; it may not be here. */
  placeOf(path: string): LocalPath;
}

export function viewOf({ cache, signs, index }: OpenCopy): CopyView {
  const { folder, manifest, files } = cache;
  return {
    folder,
    entries: manifest.entries,
    revision: `${manifest.version} ${signs.revision}`,
    keyOf: (folder) => index.keyOf(folder),
    placeOf: (path) => files.placeOf(path),
  };
}

/** What is on this machine of a root, or the root itself, opened when it is first needed. */
export interface LocalCopy {
  readonly isOpen: boolean;
  open(): Promise<OpenCopy>;
  close(): void;
}

/** Milliseconds in which the changes of another window are taken together. */
const watchDelay = 300;

/**
 * @param folder of ours, where the copy is, and what is known of the root.
 * @param inPlace the root itself, where it is read where it lies.
 * @param onChange another program, or this one, wrote there.
 * @param warn hears what a person should find in the log.
 */
export function createLocalCopy(
  id: string,
  folder: string,
  inPlace: string | undefined,
  onChange: () => void,
  warn: (message: string) => void,
): LocalCopy {
  const keep: Keep = { isChosen: createKeepsGone(folder), isRewritten: isMetadata, onlyGrows };
  const openIt = (): Promise<Cache> =>
    inPlace === undefined ? openCache(folder, { warn, keep }) : openRootCache(inPlace, folder, { warn });
  let opened: ReturnType<LocalCopy["open"]> | undefined;
  let watcher: Disposable | undefined;
  return {
    get isOpen() {
      return opened !== undefined;
    },
    open: () =>
      (opened ??= openIt().then(async (cache) => {
        watcher = watchFolder(folder, watchDelay, onChange);
        const signs = createRunSigns(cache);
        await signs.refresh();
        return { cache, signs, index: createRunIndex(id, cache, signs) };
      })),
    close: () => {
      watcher?.dispose();
      opened = undefined;
    },
  };
}
