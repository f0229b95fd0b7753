import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { isSshFailure } from "../ssh/model/failures.js";
import { createFetcher } from "./helper/fetcher.js";
import { fileInPlace } from "./inPlace/fileInPlace.js";
import { fetchFile } from "./pass/fetchFile.js";
import type { LinkSpeed } from "./remote/linkSpeed.js";
import { type EndOptions, type EndPiece, readEndHere, readEndThere } from "./readEnd.js";
import { isSafePath } from "./remote/listing.js";
import type { LocalCopy } from "./localCopy.js";
import type { OpenFiles } from "./helper/openRemoteFiles.js";
import type { FetchOptions, LocalFile } from "./cache/localFile.js";
import type { CacheFolder } from "./cache/cacheFolder.js";
import { isSameIdentity } from "./manifest/localIdentity.js";
import { isSameContent } from "./manifest/sameness.js";
import type { ManifestEntry } from "./manifest/manifestEntry.js";
import { isSyncFailure, type SyncFailure } from "./failures.js";
import type { RemoteFiles, Stamp } from "./remote/remoteFiles.js";
import type { Sync } from "./syncState.js";

/** Fetches single files of a root on demand: from the host if it can be reached, else from the copy. */
export interface OnDemand {
  /** @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled. */
  fetch(path: string, options: FetchOptions): Promise<LocalFile>;
  /** Reads the end of a file, or what came since: of one that is here, here; of another one, without bringing all of it. */
  readEnd(path: string, options: EndOptions): Promise<EndPiece>;
  close(): void;
}

export interface OnDemandOptions {
  readonly copy: LocalCopy;
  /** How the root is at the moment. */
  readonly sync: () => Sync;
  /** The open connection to its host. */
  readonly connection: () => Connection | undefined;
  readonly openFiles: OpenFiles;
  readonly link: LinkSpeed;
  /** Bytes that such files may take in smart mode. */
  readonly limit: () => number;
  /** A file was fetched. */
  readonly onDidChange: () => void;
}

export function createOnDemand(options: OnDemandOptions): OnDemand {
  const { copy, link, limit, onDidChange } = options;
  const fetcher = createFetcher(options.openFiles);
  return {
    fetch: async (path, { signal = new AbortController().signal, onProgress }) => {
      const { host, root, mode, state, keepGone } = options.sync();
      if (!isSafePath(path)) throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
      const { cache } = await copy.open();
      if (mode === "in-place") return fileInPlace(cache.files, path, host);
      const entry = cache.manifest.get(path);
      const isKept = mode === "mirror" && state.kind === "waiting";
      if (isKept && entry && (await isAsSeen(entry, cache.files))) {
        return localFile(cache.files, path, true);
      }
      const connection = options.connection();
      try {
        if (!connection) throw new Failure<SyncFailure>({ code: "sync-offline", host, path });
        const fetchFrom = (remote: RemoteFiles): Promise<void> =>
          fetchFile(path, host, {
            remote,
            cache,
            root,
            mode,
            link,
            limit: limit(),
            signal,
            onProgress: (progress) => {
              if (progress.kind === "transferring") onProgress?.(progress.doneBytes, progress.totalBytes);
            },
          });
        await fetcher.use(connection, fetchFrom, signal);
        if (!isSameFile(entry?.held, cache.manifest.get(path)?.held)) onDidChange();
        return localFile(cache.files, path, true);
      } catch (error) {
        const outOfReach = connection?.state !== "open" || isSshFailure(error, "connection-lost");
        const isKeptHere = keepGone && isSyncFailure(error, "sync-file-missing");
        if (!(outOfReach || isKeptHere) || !cache.manifest.get(path)?.held) throw error;
        return localFile(cache.files, path, false);
      }
    },
    readEnd: async (path, end) => {
      const { host, root, mode } = options.sync();
      if (!isSafePath(path)) throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
      const { cache } = await copy.open();
      // As it lies there now: a link may have taken its place since it was listed.
      if (mode === "in-place") return readEndHere((await fileInPlace(cache.files, path, host)).place, end);
      const { seen, held } = cache.manifest.get(path) ?? {};
      const connection = options.connection();
      const isHere = mode === "mirror" && seen && held && isSameContent(held, seen);
      if (isHere || (!connection && held)) return readEndHere(cache.files.placeOf(path), end);
      if (!connection) throw new Failure<SyncFailure>({ code: "sync-offline", host, path });
      const read = (remote: RemoteFiles): Promise<EndPiece> =>
        readEndThere({ remote, root, path, host }, end);
      return fetcher.use(connection, read, end.signal);
    },
    close: () => fetcher.close(),
  };
}

function localFile(files: CacheFolder, path: string, fresh: boolean): LocalFile {
  return { path: files.bytesOf(path), place: files.placeOf(path), fresh };
}

/** Whether the copy is as the host had the file when it was last listed, and nobody else wrote to it since. */
async function isAsSeen(
  { path, seen, held, local, verified }: ManifestEntry,
  files: CacheFolder,
): Promise<boolean> {
  if (!seen || !held || !local || verified === false || !isSameContent(held, seen)) return false;
  const found = await files.look(path);
  return found !== undefined && found !== "folder" && isSameIdentity(found, local);
}

function isSameFile(one: Stamp | undefined, other: Stamp | undefined): boolean {
  return one && other ? isSameContent(one, other) : one === other;
}
