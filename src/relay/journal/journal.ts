import { open } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommandResult } from "../protocol/serverMessages.js";
import { createCompaction } from "./compaction.js";
import { loadJournal, readSealed } from "./journalFile.js";
import { createJournalIndex, type JournalIndex } from "./journalIndex.js";
import type { Entry, JournalLimits } from "./journalRecords.js";
import { createJournalWriter, type JournalWriter } from "./journalWriter.js";
import { createSeal, type Seal } from "./seal.js";
import { makeFolder } from "../../common/files/makeFolder.js";

/** A crash-safe log of commands and their results, so that none runs twice (write-ahead). */
export interface Journal {
  find(id: string): Entry | undefined;
  /** Those that nobody has acknowledged, in the order in which they ended. */
  unacknowledged(): ReadonlySet<string>;
  /** Those that never ended: whoever wrote this journal was ended first. */
  unfinished(): { readonly queued: readonly string[]; readonly begun: readonly string[] };
  /** Need not be awaited. Rejects when it cannot be written. */
  queue(id: string): Promise<void>;
  /** Resolves when it is on disk: only then may the command run. */
  begin(id: string): Promise<void>;
  /** Resolves when it is on disk: only then may the result be sent. */
  finish(id: string, result: CommandResult): Promise<void>;
  acknowledge(id: string): Promise<void>;
  /** Undefined where it was too much to keep, or was kept with another API key. */
  result(id: string): Promise<CommandResult | undefined>;
  close(): Promise<void>;
}

export interface JournalOptions {
  /** Absolute path; made with mode 0600 when missing. One program at a time opens it. */
  readonly file: string;
  readonly apiKey: string;
  readonly limits?: JournalLimits;
}

const defaultLimits: JournalLimits = { commands: 20_000, bytes: 64 * 1024 * 1024 };

export async function openJournal({
  file,
  apiKey,
  limits = defaultLimits,
}: JournalOptions): Promise<Journal> {
  await makeFolder(dirname(file));
  const handle = await open(file, "a+", 0o600);
  const entries = new Map<string, Entry>();
  const loaded = await loadJournal(handle, entries).catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  const index = createJournalIndex(entries);
  const writer = createJournalWriter(handle, loaded.size, () => compaction.whenGrown());
  const compaction = createCompaction({ file, salt: loaded.salt, limits, index, writer });
  // Also drops a line truncated by a crash, which would swallow the next one.
  await compaction.now().catch(async (error: unknown) => {
    await writer.close();
    throw error;
  });
  return journalOf(index, writer, createSeal(apiKey, loaded.salt));
}

function journalOf(index: JournalIndex, writer: JournalWriter, seal: Seal): Journal {
  return {
    find: (id) => index.entries.get(id),
    unacknowledged: () => index.unacknowledged,
    unfinished: () => ({ queued: index.idsIn("queued"), begun: index.idsIn("begun") }),
    queue: async (id) => {
      index.note(id, "queued");
      await writer.append({ kind: "queued", id });
    },
    begin: async (id) => {
      index.note(id, "begun");
      await writer.append({ kind: "begun", id });
    },
    finish: async (id, result) => {
      const sealed = seal.close(Buffer.from(JSON.stringify(result)), id);
      const place = await writer.append({ kind: "finished", id, result: sealed.toString("base64") });
      index.note(id, "finished", place);
    },
    acknowledge: async (id) => {
      if (index.entries.get(id)?.state !== "finished") return;
      index.note(id, "acknowledged");
      await writer.append({ kind: "acknowledged", id });
    },
    result: async (id) => {
      // Behind whatever is being written: a smaller journal may be put in place just now.
      const sealed = await writer.between((handle) => {
        const entry = index.entries.get(id);
        return entry && readSealed(handle, entry);
      });
      const plain = sealed === undefined ? undefined : seal.open(Buffer.from(sealed, "base64"), id);
      return plain && (JSON.parse(plain.toString("utf8")) as CommandResult);
    },
    close: () => writer.close(),
  };
}
