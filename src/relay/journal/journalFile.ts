import { randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { decodeRecord, encodeRecord, type Entry, type JournalRecord, reduceEntry } from "./journalRecords.js";

/** Bytes read and written at once. */
const blockSize = 1024 * 1024;

/** Reads the lines there are. A journal without a head is a new one. */
export async function loadJournal(
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

/** The sealed result of a command, base64. Undefined where it was not kept. */
export async function readSealed(handle: FileHandle, { place }: Entry): Promise<string | undefined> {
  if (!place) return undefined;
  const line = Buffer.alloc(place.length);
  await handle.read(line, 0, place.length, place.offset);
  const record = decodeRecord(line);
  return record?.kind === "finished" ? record.result : undefined;
}

export interface CopiedJournal {
  /** Where the results stand in the new journal. */
  readonly places: ReadonlyMap<string, Entry["place"]>;
  /** Bytes. */
  readonly size: number;
}

/** Writes a journal that holds these commands only. Results are copied as they are: nobody needs to open them. */
export async function copyJournal(
  from: FileHandle,
  to: FileHandle,
  head: JournalRecord,
  kept: readonly { readonly id: string; readonly entry: Entry }[],
): Promise<CopiedJournal> {
  const readLine = createLineReader(from);
  const places = new Map<string, Entry["place"]>();
  const block = Buffer.allocUnsafe(blockSize);
  let [gathered, size] = [0, 0];
  const flush = async (): Promise<void> => {
    await to.appendFile(block.subarray(0, gathered));
    gathered = 0;
  };
  const write = async (line: Buffer): Promise<void> => {
    if (gathered + line.length > blockSize) await flush();
    if (line.length > blockSize) await to.appendFile(line);
    else gathered += line.copy(block, gathered);
    size += line.length;
  };
  await write(encodeRecord(head));
  for (const { id, entry } of kept) {
    const { state } = entry;
    if (state === "queued" || state === "begun") {
      await write(encodeRecord({ kind: state, id }));
      continue;
    }
    const line = entry.place && (await readLine(entry.place));
    if (line) places.set(id, { offset: size, length: line.length });
    await write(line ?? encodeRecord({ kind: "finished", id }));
    if (state === "acknowledged") await write(encodeRecord({ kind: "acknowledged", id }));
  }
  await flush();
  return { places, size };
}

/**
 * Lines mostly stand in the order in which they are asked for: what is read ahead serves the next ones. A line is good
 * until the next one is read.
 */
function createLineReader(file: FileHandle) {
  const room = Buffer.allocUnsafe(blockSize);
  let [start, end] = [0, 0];
  return async ({ offset, length }: NonNullable<Entry["place"]>): Promise<Buffer | undefined> => {
    if (length > blockSize) {
      const line = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(line, 0, length, offset);
      return bytesRead === length ? line : undefined;
    }
    if (offset < start || offset + length > end) {
      const { bytesRead } = await file.read(room, 0, blockSize, offset);
      [start, end] = [offset, offset + bytesRead];
    }
    return offset + length > end ? undefined : room.subarray(offset - start, offset - start + length);
  };
}
