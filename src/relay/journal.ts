import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommandResult } from "./frames.js";
import {
  decodeRecord,
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
  unacknowledged(): readonly string[];
  /** Those that were begun and never ended: whoever wrote this journal was ended first. */
  interrupted(): readonly string[];
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
/** Bytes that a journal may grow before it is looked at whether a smaller one would do. */
const growth = 4 * 1024 * 1024;

export async function openJournal({
  file,
  apiKey,
  limits = defaultLimits,
}: JournalOptions): Promise<Journal> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const entries = new Map<string, Entry>();
  let handle = await open(file, "a+", 0o600);
  const loaded = await load(handle, entries);
  const { salt } = loaded;
  const seal = createSeal(apiKey, salt);
  let { size } = loaded;
  let waiting: {
    readonly bytes: Buffer;
    readonly done: (offset: number) => void;
    readonly failed: (error: unknown) => void;
  }[] = [];
  let writing: Promise<void> = Promise.resolve();
  let compactAt = 0;

  /** Writes what has gathered meanwhile at once, so that many commands share one wait for the disk. */
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      await handle.appendFile(Buffer.concat(batch.map(({ bytes }) => bytes)));
      await handle.datasync();
    } catch (error) {
      for (const { failed } of batch) failed(error);
      return;
    }
    for (const { bytes, done } of batch) {
      done(size);
      size += bytes.length;
    }
    if (size > compactAt) await compact();
  };

  const append = (record: JournalRecord): Promise<{ offset: number; length: number }> =>
    new Promise((resolve, reject) => {
      const bytes = encodeRecord(record);
      waiting.push({ bytes, done: (offset) => resolve({ offset, length: bytes.length }), failed: reject });
      writing = writing.then(flush);
    });

  /** Puts a journal in place that holds only what is still worth something. */
  const compact = async (): Promise<void> => {
    const beside = await open(`${file}.new`, "w+", 0o600);
    const moved = new Map<string, Entry>();
    let at = 0;
    const write = async (record: JournalRecord): Promise<Entry["place"]> => {
      const bytes = encodeRecord(record);
      await beside.appendFile(bytes);
      at += bytes.length;
      return { offset: at - bytes.length, length: bytes.length };
    };
    await write({ kind: "head", version: 1, salt: salt.toString("base64") });
    for (const { id, entry } of shrink(entries, limits)) {
      if (entry.state === "begun") {
        await write({ kind: "begun", id });
        moved.set(id, entry);
        continue;
      }
      const result = await readSealed(handle, entry);
      const place = await write({ kind: "finished", id, result });
      if (entry.state === "acknowledged") await write({ kind: "acknowledged", id });
      moved.set(id, { state: entry.state, place: result === undefined ? undefined : place });
    }
    await beside.datasync();
    await handle.close();
    await rename(`${file}.new`, file);
    handle = beside;
    [size, compactAt] = [at, at + growth];
    entries.clear();
    for (const [id, entry] of moved) entries.set(id, entry);
  };

  const note = (id: string, kind: "begun" | "finished" | "acknowledged", place?: Entry["place"]): void => {
    const entry = reduceEntry(entries.get(id), kind, place);
    // What ended last stands last: results are sent in that order.
    if (kind === "finished") entries.delete(id);
    entries.set(id, entry);
  };

  const idsIn = (wanted: Entry["state"]): string[] =>
    [...entries].filter(([, { state }]) => state === wanted).map(([id]) => id);

  // Also gets rid of a line that a crash cut short: what comes behind it would be lost.
  await compact();
  return {
    find: (id) => entries.get(id),
    unacknowledged: () => idsIn("finished"),
    interrupted: () => idsIn("begun"),
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

async function readSealed(handle: FileHandle, { place }: Entry): Promise<string | undefined> {
  if (!place) return undefined;
  const line = Buffer.alloc(place.length);
  await handle.read(line, 0, place.length, place.offset);
  const record = decodeRecord(line);
  return record?.kind === "finished" ? record.result : undefined;
}

/** Reads the lines there are. A journal without a head is a new one. */
async function load(
  handle: FileHandle,
  entries: Map<string, Entry>,
): Promise<{ size: number; salt: Buffer }> {
  let salt: Buffer = randomBytes(16);
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of handle.createReadStream({
    start: 0,
    autoClose: false,
  }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      const record = decodeRecord(rest.subarray(0, end));
      const place = { offset, length: end + 1 };
      offset += end + 1;
      rest = rest.subarray(end + 1);
      if (record === undefined) continue;
      if (record.kind === "head") salt = Buffer.from(record.salt, "base64");
      else {
        const entry = reduceEntry(entries.get(record.id), record.kind, place);
        if (record.kind === "finished") entries.delete(record.id);
        entries.set(record.id, entry);
      }
    }
  }
  return { size: offset + rest.length, salt };
}
