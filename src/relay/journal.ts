import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommandResult } from "./frames.js";
import { copyJournal, loadJournal, readSealed } from "./journalFile.js";
import {
  encodeRecord,
  type Entry,
  type JournalLimits,
  type JournalRecord,
  reduceEntry,
  shrink,
} from "./journalRecords.js";
import { createSeal } from "./seal.js";

/** Which commands were seen and what came of them, kept through crashes: the reason that none runs twice. */
export interface Journal {
  find(id: string): Entry | undefined;
  /** Those that nobody has acknowledged, in the order in which they ended. */
  unacknowledged(): ReadonlySet<string>;
  /** Those that never ended: whoever wrote this journal was ended first. */
  unfinished(): { readonly queued: readonly string[]; readonly begun: readonly string[] };
  /** Nobody needs to wait for it. Rejects when it cannot be written. */
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
/** Bytes that a journal may at least grow before it is looked at whether a smaller one would do. */
const growth = 4 * 1024 * 1024;

export async function openJournal({
  file,
  apiKey,
  limits = defaultLimits,
}: JournalOptions): Promise<Journal> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const entries = new Map<string, Entry>();
  const unacknowledged = new Set<string>();
  let handle = await open(file, "a+", 0o600);
  const orClose = async (error: unknown): Promise<never> => {
    await handle.close();
    throw error;
  };
  const loaded = await loadJournal(handle, entries).catch(orClose);
  for (const [id, { state }] of entries) if (state === "finished") unacknowledged.add(id);
  const { salt } = loaded;
  const seal = createSeal(apiKey, salt);
  let { size } = loaded;
  let waiting: {
    readonly bytes: Buffer;
    readonly mustLast: boolean;
    readonly done: (offset: number) => void;
    readonly failed: (error: unknown) => void;
  }[] = [];
  let writing: Promise<void> = Promise.resolve();
  let compactAt = { size: 0, commands: 0 };

  /** Writes what has gathered meanwhile at once, so that many commands share one wait for the disk. */
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      await handle.appendFile(Buffer.concat(batch.map(({ bytes }) => bytes)));
      // What is written survives the end of this program; what is synced, that of the machine too.
      if (batch.some(({ mustLast }) => mustLast)) await handle.datasync();
    } catch (error) {
      // Half a line would spoil the next one.
      await handle.truncate(size).catch(() => undefined);
      for (const { failed } of batch) failed(error);
      return;
    }
    for (const { bytes, done } of batch) {
      done(size);
      size += bytes.length;
    }
    if (size > compactAt.size || entries.size > compactAt.commands) await tryToCompact();
  };

  const append = (record: JournalRecord): Promise<{ offset: number; length: number }> =>
    new Promise((resolve, reject) => {
      const bytes = encodeRecord(record);
      waiting.push({
        bytes,
        mustLast: record.kind !== "queued",
        done: (offset) => resolve({ offset, length: bytes.length }),
        failed: reject,
      });
      writing = writing.then(flush);
    });

  /** Puts a journal in place that holds only what is still worth something. */
  const compact = async (): Promise<void> => {
    const small = await open(`${file}.new`, "w", 0o600);
    const kept = shrink(entries, limits);
    const known = [...entries.keys()];
    const head: JournalRecord = { kind: "head", version: 1, salt: salt.toString("base64") };
    const copied = await copyJournal(handle, small, head, kept).finally(() => small.close());
    await handle.close();
    try {
      await rename(`${file}.new`, file);
    } finally {
      handle = await open(file, "a+", 0o600);
    }
    await syncFolder(dirname(file));
    size = copied.size;
    // What was noted meanwhile stays: its lines come next.
    const stay = new Set(kept.map(({ id }) => id));
    for (const id of known) {
      if (stay.has(id))
        entries.set(id, { state: entries.get(id)?.state ?? "begun", place: copied.places.get(id) });
      else forget(id);
    }
  };

  /** Where that fails, as on a full disk, the journal that is there goes on. */
  const tryToCompact = async (): Promise<void> => {
    await compact().catch(() => rm(`${file}.new`, { force: true }).catch(() => undefined));
    planNext();
  };

  /** In proportion, so that a long journal is not written anew all the time. */
  const planNext = (): void => {
    compactAt = { size: size + Math.max(growth, size / 2), commands: entries.size + limits.commands };
  };

  const forget = (id: string): void => {
    entries.delete(id);
    unacknowledged.delete(id);
  };

  const note = (id: string, kind: Entry["state"], place?: Entry["place"]): void => {
    const entry = reduceEntry(entries.get(id), kind, place);
    // What ended last stands last: results are sent in that order.
    if (kind === "finished") forget(id);
    entries.set(id, entry);
    if (entry.state === "finished") unacknowledged.add(id);
    else unacknowledged.delete(id);
  };

  const idsIn = (wanted: Entry["state"]): string[] =>
    [...entries].filter(([, { state }]) => state === wanted).map(([id]) => id);

  // Also gets rid of a line that a crash cut short: what comes behind it would be lost.
  await compact().catch(orClose);
  planNext();
  return {
    find: (id) => entries.get(id),
    unacknowledged: () => unacknowledged,
    unfinished: () => ({ queued: idsIn("queued"), begun: idsIn("begun") }),
    queue: async (id) => {
      note(id, "queued");
      await append({ kind: "queued", id });
    },
    begin: async (id) => {
      note(id, "begun");
      await append({ kind: "begun", id });
    },
    finish: async (id, result) => {
      const sealed = seal.close(Buffer.from(JSON.stringify(result)), id);
      const place = await append({ kind: "finished", id, result: sealed.toString("base64") });
      note(id, "finished", place);
    },
    acknowledge: async (id) => {
      if (entries.get(id)?.state !== "finished") return;
      note(id, "acknowledged");
      await append({ kind: "acknowledged", id });
    },
    result: async (id) => {
      // Behind whatever is being written: a smaller journal may be put in place just now.
      const read = writing.then(() => {
        const entry = entries.get(id);
        return entry && readSealed(handle, entry);
      });
      writing = read.then(
        () => undefined,
        () => undefined,
      );
      const sealed = await read;
      const plain = sealed === undefined ? undefined : seal.open(Buffer.from(sealed, "base64"), id);
      return plain && (JSON.parse(plain.toString("utf8")) as CommandResult);
    },
    close: async () => {
      await writing;
      await handle.close();
    },
  };
}

/** What was renamed is so after a loss of power too. Windows has nothing of the kind. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
