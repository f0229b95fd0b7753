import { type FileHandle, open } from "node:fs/promises";
import { replaceFile } from "../../common/files/replaceFile.js";
import { copyJournal } from "./journalFile.js";
import type { JournalIndex } from "./journalIndex.js";
import { type JournalLimits, type JournalRecord, shrink } from "./journalRecords.js";
import type { JournalWriter } from "./journalWriter.js";

/** Compacts the journal: keeps only records that are still needed. */
export interface Compaction {
  /** @throws when no smaller journal can be written; then the one that is there goes on. */
  now(): Promise<void>;
  /** Where the journal has grown enough for that to pay. Never rejects. */
  whenGrown(): Promise<void>;
}

export interface CompactionOptions {
  /** Absolute path of the journal. */
  readonly file: string;
  readonly salt: Buffer;
  readonly limits: JournalLimits;
  readonly index: JournalIndex;
  readonly writer: Pick<JournalWriter, "handle" | "size" | "useFile">;
}

/** Bytes that a journal may at least grow before it is looked at whether a smaller one would do. */
const growth = 4 * 1024 * 1024;

/** Its calls belong where the writer rests: before its first line, and between two batches. */
export function createCompaction({ file, salt, limits, index, writer }: CompactionOptions): Compaction {
  let due = { size: 0, commands: 0 };

  const now = async (): Promise<void> => {
    const head: JournalRecord = { kind: "head", version: 1, salt: salt.toString("base64") };
    const { size, handle } = writer;
    let isClosed = false;
    const close = async (): Promise<void> => {
      await handle.close();
      isClosed = true;
    };
    const copy = async (small: FileHandle): Promise<() => void> => {
      // Not earlier: who waited for the batch that was written last notes its places first.
      const kept = shrink(index.entries, limits);
      const known = [...index.entries.keys()];
      const copied = await copyJournal(handle, small, head, kept);
      return () => {
        writer.useFile(writer.handle, copied.size);
        index.shrinkTo(known, new Map(kept.map(({ id }) => [id, copied.places.get(id)])));
      };
    };
    // The same token each time: one program at a time has the journal open, and what a killed one left is written over.
    const how = { token: "small", beforeRename: close, syncFolder: true };
    const useCopy = await replaceFile(file, copy, how).finally(async () => {
      if (isClosed) writer.useFile(await open(file, "a+", 0o600), size);
    });
    useCopy();
    planNext();
  };

  /** Proportional, so that a long journal is not rewritten all the time. */
  const planNext = (): void => {
    const { size } = writer;
    due = { size: size + Math.max(growth, size / 2), commands: index.entries.size + limits.commands };
  };

  return {
    now,
    whenGrown: async () => {
      if (writer.size <= due.size && index.entries.size <= due.commands) return;
      // Where that fails, as on a full disk, the journal that is there goes on.
      await now().catch(() => undefined);
      planNext();
    },
  };
}
