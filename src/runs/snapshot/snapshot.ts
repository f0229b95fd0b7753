import { readFile, stat } from "node:fs/promises";
import { type Entry, fromBufferPromise, getFileNameLowLevel, openPromise, type ZipFile } from "yauzl";
import { Cancelled, throwIfCancelled } from "../../common/failure.js";
import { isSafePath } from "../../sync/remote/listing.js";

/** A file in an archive. */
export interface SnapshotFile {
  /** With `/` between its parts. */
  readonly path: string;
  /** Unpacked, as the archive says. */
  readonly bytes: number;
  /** The checksum of its content, as the archive says. */
  readonly crc32: number;
}

/** What is in an archive of source files. */
export interface Snapshot {
  /** By path. */
  readonly files: ReadonlyMap<string, SnapshotFile>;
  /** Entries that are not told: their names lead elsewhere or stand there twice, or there are too many. */
  readonly leftOut: number;
}

/** Why an archive, or a file in one, is not read. */
export type NotRead = "damaged" | "encrypted" | "missing" | "too-large";

export class SnapshotError extends Error {
  constructor(readonly reason: NotRead) {
    super(reason);
  }
}

/** Entries of an archive that are looked at. */
const mostEntries = 100_000;
/** Characters of all names together. */
const mostNames = 16 * 1024 * 1024;
/** Bytes of an archive that is read at once: its list is read in two small pieces for each entry otherwise. */
const largestInMemory = 64 * 1024 * 1024;
/** Bytes of one file, unpacked: more than an editor compares. */
const largestFile = 16 * 1024 * 1024;

/**
 * Lists an archive. Of several entries with one name the last counts, as for Python's `zipfile`.
 * @throws SnapshotError
 */
export function readSnapshot(archive: string | Buffer, signal?: AbortSignal): Promise<Snapshot> {
  return withArchive(archive, async (zip) => {
    const found = await entriesOf(zip, signal);
    const files = new Map<string, SnapshotFile>();
    for (const [path, { uncompressedSize: bytes, crc32 }] of found.entries)
      files.set(path, { path, bytes, crc32 });
    return { files, leftOut: found.leftOut };
  });
}

/**
 * One file of an archive, unpacked.
 * @throws SnapshotError also where it unpacks to more than the archive says.
 */
export function readSnapshotFile(
  archive: string | Buffer,
  path: string,
  signal?: AbortSignal,
): Promise<Buffer> {
  return withArchive(archive, async (zip) => {
    const entry = (await entriesOf(zip, signal)).entries.get(path);
    if (!entry) throw new SnapshotError("missing");
    if (entry.uncompressedSize > largestFile) throw new SnapshotError("too-large");
    if (!entry.canDecodeFileData()) throw new SnapshotError("encrypted");
    const pieces: Buffer[] = [];
    const stream = await zip.openReadStreamPromise(entry);
    for await (const piece of stream) {
      throwIfCancelled(signal);
      pieces.push(piece as Buffer);
    }
    return Buffer.concat(pieces);
  });
}

async function withArchive<T>(archive: string | Buffer, work: (zip: ZipFile) => Promise<T>): Promise<T> {
  let zip: ZipFile | undefined;
  try {
    zip = await openArchive(archive);
    return await work(zip);
  } catch (error) {
    if (error instanceof SnapshotError || error instanceof Cancelled) throw error;
    throw new SnapshotError("damaged");
  } finally {
    zip?.close();
  }
}

async function openArchive(archive: string | Buffer): Promise<ZipFile> {
  const options = { autoClose: false, decodeStrings: false } as const;
  const facts = await stat(archive);
  // A named pipe would keep us waiting.
  if (!facts.isFile()) throw new SnapshotError("damaged");
  return facts.size > largestInMemory
    ? openPromise(archive, options)
    : fromBufferPromise(await readFile(archive), options);
}

/** Folders are in the names of their files. */
async function entriesOf(
  zip: ZipFile,
  signal: AbortSignal | undefined,
): Promise<{ readonly entries: ReadonlyMap<string, Entry>; readonly leftOut: number }> {
  const entries = new Map<string, Entry>();
  let [looked, characters, leftOut] = [0, 0, 0];
  for await (const entry of zip.eachEntry()) {
    throwIfCancelled(signal);
    looked += 1;
    const name = nameOf(entry);
    characters += name.length;
    if (looked > mostEntries || characters > mostNames) {
      leftOut += Math.max(1, zip.entryCount - looked + 1);
      break;
    }
    if (name.endsWith("/")) continue;
    if (!isSafePath(name) || name.includes("\\") || /^[a-z]:/i.test(name)) leftOut += 1;
    else {
      if (entries.has(name)) leftOut += 1;
      entries.set(name, entry);
    }
  }
  return { entries, leftOut };
}

function nameOf({ generalPurposeBitFlag, fileName, extraFields }: Entry): string {
  return getFileNameLowLevel(generalPurposeBitFlag, fileName, extraFields, true);
}
