import type { CacheFolder, CopyFile, PresentFile } from "../cache/cacheFolder.js";
import type { LocalIdentity } from "../manifest/localIdentity.js";
import type { Stamp } from "../remote/remoteFiles.js";

/** Bytes up to which a file is put together in memory and written in one go. */
const inMemory = 1024 * 1024;
/** Bytes of an addition that are kept in memory until the host says that they belong together. */
const additionInMemory = 4 * 1024 * 1024;
/** Bytes that one write to a file has at least. */
const writeSize = 1024 * 1024;

/** The bytes of one file on their way from the host to their place. */
export interface Arrival {
  /** Whether what came is kept on disk when the transfer is interrupted, for the next time. */
  readonly isStaged: boolean;
  add(bytes: Buffer): Promise<void>;
  /** Puts the file in its place, with the host's mode and times. Returns what stands there then. */
  store(): Promise<LocalIdentity>;
  /** Lets go of what is open; what was staged stays. */
  abandon(): Promise<void>;
  /** Closes and discards everything received. */
  discard(): Promise<void>;
}

export interface ArrivalOptions {
  readonly path: string;
  /** How the file is on the host. */
  readonly stamp: Stamp;
  /** Bytes before the first that comes. */
  readonly start: number;
  /** What those bytes are: nothing, the file in its place, or its staged copy. */
  readonly base: "nothing" | "present" | "staged";
  /** Any prefix of an append-only file is one of its earlier states: append in place. */
  readonly grows: boolean;
}

/** Few bytes gather in memory; many go to the staged copy, or to the end of a file that only grows. */
export async function openArrival(options: ArrivalOptions, cache: CacheFolder): Promise<Arrival> {
  const { path, stamp, start, base, grows } = options;
  const isBig = stamp.size - start > (start > 0 ? additionInMemory : inMemory);
  if (!isBig && !(start > 0 && base === "staged")) return gathered(options, cache);
  const present = start > 0 && base === "present" && grows ? await cache.openInPlace(path, start) : undefined;
  if (present) return inPlace(options, present);
  const file = await cache.stage(path, start === 0 ? "nothing" : base);
  const writer = writeBehind(file, start);
  return {
    isStaged: true,
    add: writer.add,
    store: async () => {
      await writer.finish(stamp.size);
      return cache.putStaged(path, stamp);
    },
    abandon: async () => {
      await writer.abandon();
      await cache.keepStaged(path);
    },
    discard: async () => {
      await file.close();
      await cache.removeStaged(path);
    },
  };
}

function gathered({ path, stamp, start }: ArrivalOptions, cache: CacheFolder): Arrival {
  const chunks: Buffer[] = [];
  return {
    isStaged: false,
    add: (bytes) => Promise.resolve(void chunks.push(bytes)),
    store: () =>
      start > 0 ? cache.putAppended(path, start, chunks, stamp) : cache.putWhole(path, chunks, stamp),
    abandon: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

function inPlace({ stamp, start }: ArrivalOptions, file: PresentFile): Arrival {
  const writer = writeBehind(file, start);
  return {
    isStaged: false,
    add: writer.add,
    store: async () => {
      try {
        await writer.write();
        await file.truncate(stamp.size);
        return await file.setStamp(stamp);
      } finally {
        await writer.close();
      }
    },
    abandon: writer.abandon,
    discard: async () => {
      await file.truncate(start);
      await file.close();
    },
  };
}

/** Writes what comes to a file in large pieces, from this position on. */
function writeBehind(file: CopyFile, position: number) {
  let chunks: Buffer[] = [];
  let waiting = 0;
  let isOpen = true;
  const write = async (): Promise<void> => {
    const bytes = Buffer.concat(chunks);
    const at = position;
    position += waiting;
    chunks = [];
    waiting = 0;
    if (bytes.length > 0) await file.write(bytes, at);
  };
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    write,
    close,
    add: async (bytes: Buffer): Promise<void> => {
      chunks.push(bytes);
      waiting += bytes.length;
      if (waiting >= writeSize) await write();
    },
    /** @param size bytes that the file has in the end. */
    finish: async (size: number): Promise<void> => {
      try {
        await write();
        await file.truncate(size);
      } finally {
        await close();
      }
    },
    abandon: async (): Promise<void> => {
      if (isOpen) await write().catch(() => undefined);
      await close();
    },
  };
}
