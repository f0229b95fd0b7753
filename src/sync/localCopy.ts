import { type FSWatcher, watch } from "node:fs";
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
  let watcher: FSWatcher | undefined;
  return {
    get isOpen() {
      return opened !== undefined;
    },
    open: () =>
      (opened ??= openCache(folder, { warn }).then(async (cache) => {
        watcher = watchFolder(folder, onChange);
        const signs = createRunSigns(cache);
        await signs.refresh();
        return { cache, signs, index: createRunIndex(id, cache, signs) };
      })),
    close: () => {
      watcher?.close();
      opened = undefined;
    },
  };
}

function watchFolder(folder: string, onChange: () => void): FSWatcher | undefined {
  let timer: NodeJS.Timeout | undefined;
  try {
    const watcher = watch(folder, { persistent: false }, () => {
      // Not put off by what comes meanwhile: a mirror changes something all the time.
      timer ??= setTimeout(() => {
        timer = undefined;
        onChange();
      }, watchDelay).unref();
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    // Some network disks cannot tell: then the lists are read again when they are shown.
    return undefined;
  }
}
