import type { FileHandle } from "node:fs/promises";
import { createSerialQueue } from "../../common/async/serialQueue.js";
import { encodeRecord, type Entry, type JournalRecord } from "./journalRecords.js";

/** Writes records in order; records that arrive during an fsync share the next one (group commit). */
export interface JournalWriter {
  /** Bytes written. */
  readonly size: number;
  /**
   * Resolves with the line's place when it is on disk; a `queued` or `acknowledged` record when it is written: without the
   * first nothing has run, without the second a result is sent once more.
   */
  append(record: JournalRecord): Promise<NonNullable<Entry["place"]>>;
  /** Runs between two batches: nothing is written meanwhile. Not from within `onBatch`. */
  between<T>(work: (handle: FileHandle) => Promise<T> | T): Promise<T>;
  /** Goes on with another file of so many bytes. From within `onBatch` or `between` only. */
  useFile(handle: FileHandle, size: number): void;
  /** The open file. From within `onBatch` or `between` only. */
  readonly handle: FileHandle;
  /** Closes the file when everything is written. */
  close(): Promise<void>;
}

interface WaitingLine {
  readonly bytes: Buffer;
  readonly mustLast: boolean;
  readonly done: (offset: number) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * @param handle open for appending, `size` bytes long.
 * @param onBatch runs after each batch, before the next one. Must not reject.
 */
export function createJournalWriter(
  handle: FileHandle,
  size: number,
  onBatch: () => Promise<void>,
): JournalWriter {
  let waiting: WaitingLine[] = [];
  let isDue = false;
  const writing = createSerialQueue();

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      await handle.appendFile(Buffer.concat(batch.map(({ bytes }) => bytes)));
      // A write survives a crash of this process; an fsync also survives a power loss.
      if (batch.some(({ mustLast }) => mustLast)) await handle.datasync();
    } catch (error) {
      // Remove a partial line, which would corrupt the next one.
      await handle.truncate(size).catch(() => undefined);
      for (const { failed } of batch) failed(error);
      return;
    }
    for (const { bytes, done } of batch) {
      done(size);
      size += bytes.length;
    }
    await onBatch();
  };

  return {
    get size() {
      return size;
    },
    get handle() {
      return handle;
    },
    append: (record) =>
      new Promise((resolve, reject) => {
        const bytes = encodeRecord(record);
        waiting.push({
          bytes,
          mustLast: record.kind === "begun" || record.kind === "finished",
          done: (offset) => resolve({ offset, length: bytes.length }),
          failed: reject,
        });
        if (isDue) return;
        isDue = true;
        // Batch with other records of this turn of the event loop.
        setImmediate(() => {
          isDue = false;
          void writing.add(flush);
        });
      }),
    between: (work) => writing.add(() => work(handle)),
    useFile: (other, otherSize) => {
      handle = other;
      size = otherSize;
    },
    close: async () => {
      await writing.add(flush);
      await handle.close();
    },
  };
}
