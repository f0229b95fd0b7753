import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds between two looks at a folder. */
const interval = 250;
/** Maximum number of files that are counted: a folder with more is too large. */
const mostFiles = 50_000;

/** Aborts `tooLarge` once a folder holds more than so many bytes. */
export interface FolderLimit {
  readonly tooLarge: AbortSignal;
  /** Ends the looks. Resolves when none is under way. */
  stop(): Promise<void>;
}

/** @param most bytes of all files in the folder and below. */
export function limitFolder(folder: string, most: number): FolderLimit {
  const [large, over] = [new AbortController(), new AbortController()];
  const look = async (): Promise<void> => {
    while (!over.signal.aborted && !large.signal.aborted) {
      if ((await bytesIn(folder, over.signal)) > most) large.abort();
      else await pause(interval, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const looks = look();
  return {
    tooLarge: large.signal,
    stop: async () => {
      over.abort();
      await looks;
    },
  };
}

/** Returns the size of all files. Those that vanish meanwhile, as pip's do, count nothing. */
async function bytesIn(folder: string, signal: AbortSignal): Promise<number> {
  let [bytes, files] = [0, 0];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined && !signal.aborted; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      const path = join(next, entry.name);
      files += 1;
      if (entry.isDirectory()) waiting.push(path);
      else bytes += (await lstat(path).catch(() => undefined))?.size ?? 0;
      if (files > mostFiles) return Number.POSITIVE_INFINITY;
    }
  }
  return bytes;
}
