import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { type LocalPath, openRegular } from "../common/files/regularFile.js";
import { Failure } from "../common/failure.js";
import type { SyncFailure } from "./failures.js";
import type { RemoteFiles } from "./remote/remoteFiles.js";

/** A position in a growing file where reading stopped. */
export interface EndPlace {
  /** Bytes. */
  readonly offset: number;
  /** The last bytes before it, by which a file that was rewritten is told from one that grew. */
  readonly last: Buffer;
  /** Of the whole file on the host, when it was read; undefined for one that was read here. */
  readonly mtime: string | undefined;
}

/** The end of a file, or what came since. */
export interface EndPiece {
  readonly bytes: Buffer;
  /** Where to go on. */
  readonly place: EndPlace;
  /** It is another file than was read before, or is shorter now: these bytes follow nothing. */
  readonly isAnew: boolean;
  /** Bytes before these that are left out. */
  readonly leftOut: number;
}

export interface EndOptions {
  /** Where to go on; undefined: at the end. */
  readonly from?: EndPlace | undefined;
  /** Bytes at most: of more, the last. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears how many bytes have come, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Bytes before a place that are compared. */
const comparedBytes = 1_024;

/** A file that can be asked for its size and parts of it. */
interface Source {
  /** Bytes; with the time of the last change, where the file is on the host. */
  look(): Promise<{ readonly size: number; readonly mtime: string | undefined }>;
  /**
   * From `from.offset` on.
   * @returns undefined where what is before it is not `from.last`, or there is far more than `most`.
   */
  read(from: Pick<EndPlace, "offset" | "last">, most: number): Promise<Buffer | undefined>;
}

/** @throws what the source throws. */
async function readEnd(source: Source, { from, most }: EndOptions): Promise<EndPiece> {
  const { size, mtime } = await source.look();
  if (from && size === from.offset && mtime !== undefined && mtime === from.mtime) {
    return { bytes: Buffer.alloc(0), place: from, isAnew: false, leftOut: 0 };
  }
  const isLonger = from !== undefined && size >= from.offset;
  if (isLonger && size - from.offset <= most) {
    const bytes = await source.read(from, most);
    if (bytes) return { bytes, place: placeAfter(from, bytes, mtime), isAnew: false, leftOut: 0 };
  }
  const start = { offset: Math.max(0, size - most), last: Buffer.alloc(0) };
  const bytes = (await source.read(start, most)) ?? Buffer.alloc(0);
  // What was written in one piece between two looks is left out; whether the file is another one nobody has asked.
  const isAnew = from !== undefined && !(isLonger && size - from.offset > most);
  const leftOut = from && !isAnew ? start.offset - from.offset : start.offset;
  return { bytes, place: placeAfter(start, bytes, mtime), isAnew, leftOut };
}

function placeAfter(
  { offset, last }: Pick<EndPlace, "offset" | "last">,
  bytes: Buffer,
  mtime: string | undefined,
): EndPlace {
  const kept = Buffer.concat([last, bytes.subarray(-comparedBytes)]).subarray(-comparedBytes);
  return { offset: offset + bytes.length, last: Buffer.from(kept), mtime };
}

const nothing: Source = {
  look: () => Promise.resolve({ size: 0, mtime: undefined }),
  read: () => Promise.resolve(Buffer.alloc(0)),
};

/** Reads the end of a file of this machine. */
export async function readEndHere(file: LocalPath, options: EndOptions): Promise<EndPiece> {
  const opened = await openRegular(file);
  // A device has no end.
  if (!opened) return readEnd(nothing, options);
  try {
    return await readEnd(
      {
        look: async () => ({ size: (await opened.stat()).size, mtime: undefined }),
        read: async ({ offset, last }, most) => {
          const before = await readAt(opened, offset - last.length, last.length);
          if (!before.equals(last)) return undefined;
          return readAt(opened, offset, most);
        },
      },
      options,
    );
  } finally {
    await opened.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/**
 * Reads the end of a file of a host, and nothing else of it.
 * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled.
 */
export async function readEndThere(
  {
    remote,
    root,
    path,
    host,
  }: {
    readonly remote: RemoteFiles;
    readonly root: string;
    readonly path: string;
    readonly host: string;
  },
  options: EndOptions,
): Promise<EndPiece> {
  const { signal, onProgress } = options;
  return readEnd(
    {
      look: async () => {
        const [there] = await remote.digests(root, [{ path, length: 0 }], signal);
        if (there === "missing") throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
        if (typeof there !== "object")
          throw new Failure<SyncFailure>({ code: "sync-file-not-readable", path, host });
        return there.stamp;
      },
      read: ({ offset, last }, most) =>
        readPiece({ remote, root, path, host }, { offset, last, most, signal, onProgress }),
    },
    options,
  );
}

async function readPiece(
  { remote, root, path, host }: Parameters<typeof readEndThere>[0],
  { offset, last, most, signal, onProgress }: Pick<EndPlace, "offset" | "last"> & EndOptions,
): Promise<Buffer | undefined> {
  const enough = new AbortController();
  let pieces: Buffer[] = [];
  let length = 0;
  let isOther = false;
  let why: string | undefined;
  const stop = (): void => {
    isOther = true;
    enough.abort();
  };
  const request = {
    path,
    offset,
    blocks: last.length > 0 ? [[offset - last.length, last.length] as const] : [],
    digest: createHash("sha256").update(last).digest("hex"),
    grows: true,
  };
  const reading = remote.read(
    root,
    [request],
    (event) => {
      if (isOther) return;
      if (event.kind === "begin") {
        [pieces, length] = [[], 0];
        // All of it would come.
        if (event.start !== offset) stop();
      } else if (event.kind === "data") {
        pieces.push(event.bytes);
        length += event.bytes.length;
        onProgress?.(Math.min(length, most), most);
        if (length > 2 * most) stop();
      } else if (event.kind === "failed") why = event.why;
    },
    { compress: true, signal: AbortSignal.any([enough.signal, ...(signal ? [signal] : [])]) },
  );
  await reading.catch((error: unknown) => {
    if (!isOther || signal?.aborted) throw error;
  });
  if (isOther) return undefined;
  if (why === "missing") throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
  // It changes faster than it can be read: the next look tells.
  if (why === "changing") return Buffer.alloc(0);
  if (why !== undefined) throw new Failure<SyncFailure>({ code: "sync-file-not-readable", path, host });
  return Buffer.concat(pieces);
}
