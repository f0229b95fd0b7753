import type { FileHandle } from "node:fs/promises";
import { type Entry, fromBufferPromise, fromFdPromise, getFileNameLowLevel, type ZipFile } from "yauzl";
import { type LocalPath, openRegular } from "../../common/files/regularFile.js";
import { Cancelled, throwIfCancelled } from "../../common/failure.js";
import { isSafePath } from "../../sync/remote/listing.js";

/** A file in an archive. */
export interface SnapshotFile {
  /** Separated by `/`. */
  readonly path: string;
  /** Uncompressed size, according to the archive. */
  readonly bytes: number;
  /** Checksum of the content, according to the archive. */
  readonly crc32: number;
}

/** The content of an archive of source files. */
export interface Snapshot {
  /** By path. */
  readonly files: ReadonlyMap<string, SnapshotFile>;
  /** How many entries are left out: unsafe names, duplicates, or too many. */
  readonly leftOut: number;
}

/** Why an archive, or a file in one, cannot be read. */
export type NotRead = "damaged" | "encrypted" | "missing" | "too-large";

export class SnapshotError extends Error {
  constructor(readonly reason: NotRead) {
    super(reason);
  }
}

/** Maximum number of entries of an archive. */
const mostEntries = 100_000;
/** Maximum characters of all names together. */
const mostNames = 16 * 1024 * 1024;
/** Maximum bytes of an archive to read into memory; listing a larger one takes two small reads for each entry. */
const largestInMemory = 64 * 1024 * 1024;
/** Maximum uncompressed bytes of one file: more than an editor compares. */
const largestFile = 16 * 1024 * 1024;

/**
 * Lists an archive. Of entries with the same name the last counts, as in Python's `zipfile`.
 * @throws SnapshotError
 */
export function readSnapshot(archive: LocalPath, signal?: AbortSignal): Promise<Snapshot> {
  return withArchive(archive, async (zip) => {
    const found = await entriesOf(zip, signal);
    const files = new Map<string, SnapshotFile>();
    for (const [path, { uncompressedSize: bytes, crc32 }] of found.entries)
      files.set(path, { path, bytes, crc32 });
    return { files, leftOut: found.leftOut };
  });
}

/**
 * Reads and unpacks one file of an archive.
 * @throws SnapshotError also if it unpacks to more than the archive says.
 */
export function readSnapshotFile(archive: LocalPath, path: string, signal?: AbortSignal): Promise<Buffer> {
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

async function withArchive<T>(archive: LocalPath, work: (zip: ZipFile) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await openRegular(archive);
    if (!file) throw new SnapshotError("damaged");
    return await work(await openArchive(file));
  } catch (error) {
    if (error instanceof SnapshotError || error instanceof Cancelled) throw error;
    throw new SnapshotError("damaged");
  } finally {
    await file?.close();
  }
}

/** Does not close the file. */
async function openArchive(file: FileHandle): Promise<ZipFile> {
  const options = { autoClose: false, decodeStrings: false } as const;
  const { size } = await file.stat();
  return size > largestInMemory
    ? fromFdPromise(file.fd, options)
    : fromBufferPromise(await file.readFile(), options);
}

/** Lists the entries without folders, which are part of their files' names. */
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
