import { inTurns } from "../../common/async/inTurns.js";
import type { Cache } from "../cache/cache.js";
import type { EntryTable } from "../manifest/entryTable.js";
import type { RemoteFiles } from "../remote/remoteFiles.js";
import type { CopyMode } from "../runIndex/layout.js";
import type { Choices } from "./choices.js";
import { actionFor } from "./plan.js";
import { scanInto } from "./scan.js";
import { expectedBytes } from "./transfer.js";

/** So many files, and so many bytes of them. */
export interface Amount {
  readonly files: number;
  readonly bytes: number;
}

/** What a copy would be, by what the host was last listed to have. */
export interface CopySizes {
  /** What the host has and is not excluded. */
  readonly wanted: Amount;
  /** What of it is to be fetched. */
  readonly missing: Amount;
  /** What the host has and is excluded. */
  readonly excluded: Amount;
}

export interface SurveyOptions {
  readonly cache: Cache;
  readonly remote: RemoteFiles;
  /** Absolute path on the host. */
  readonly root: string;
  readonly signal: AbortSignal | undefined;
}

/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 5_000;

/** Lists what the host has and notes it, and fetches nothing. @throws as a pass does. */
export async function listOnly({ cache, remote, root, signal }: SurveyOptions): Promise<void> {
  await cache.whileWriting(async () => {
    try {
      await scanInto(cache.manifest, remote, root, signal ? { signal } : {});
    } finally {
      await cache.manifest.flush();
    }
  }, signal);
}

export async function sizesOf(entries: EntryTable, mode: CopyMode, choices: Choices): Promise<CopySizes> {
  let [wanted, missing, excluded] = [nothing, nothing, nothing];
  for await (const numbers of inTurns(entries.numbers(), atOnce)) {
    for (const number of numbers) {
      const entry = entries.at(number);
      if (entry?.kind !== "file" || !entry.seen) continue;
      const { size } = entry.seen;
      if (choices.isExcluded(entry)) {
        excluded = more(excluded, size);
        continue;
      }
      wanted = more(wanted, size);
      if (actionFor(entry, mode, 0) === "fetch") missing = more(missing, expectedBytes(entry));
    }
  }
  return { wanted, missing, excluded };
}

const nothing: Amount = { files: 0, bytes: 0 };

function more({ files, bytes }: Amount, size: number): Amount {
  return { files: files + 1, bytes: bytes + size };
}
