import type { Disposable } from "../common/async/disposable.js";
import { watchFolder } from "../common/files/watchFolder.js";
import { type Cache, openCache } from "./cache/cache.js";
import { createRunIndex, type RunIndex } from "./runIndex/runs.js";
import { createRunSigns, type RunSigns } from "./runIndex/runSigns.js";

export interface OpenCopy {
  readonly cache: Cache;
  readonly index: RunIndex;
  readonly signs: RunSigns;
}

/** What is on this machine of a root, opened when it is first needed. */
export interface LocalCopy {
  readonly isOpen: boolean;
  open(): Promise<OpenCopy>;
  close(): void;
}

/** Milliseconds in which the changes of another window are taken together. */
const watchDelay = 300;

/**
 * @param onChange another program, or this one, wrote there.
 * @param warn hears what a person should find in the log.
 */
export function createLocalCopy(
  id: string,
  folder: string,
  onChange: () => void,
  warn: (message: string) => void,
): LocalCopy {
  let opened: ReturnType<LocalCopy["open"]> | undefined;
  let watcher: Disposable | undefined;
  return {
    get isOpen() {
      return opened !== undefined;
    },
    open: () =>
      (opened ??= openCache(folder, { warn }).then(async (cache) => {
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
