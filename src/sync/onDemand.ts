import { Failure, isFailure } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import { createFetcher } from "./fetcher.js";
import { fetchFile } from "./fetchFile.js";
import type { LinkSpeed } from "./linkSpeed.js";
import { isSafePath } from "./listing.js";
import type { LocalCopy } from "./localCopy.js";
import type { FetchOptions, LocalFile } from "./localFile.js";
import { isSameContent } from "./manifest.js";
import type { Stamp, SyncFailure } from "./remoteFiles.js";
import type { Sync } from "./syncState.js";

/** Files of a root that somebody asks for: as the host has them where it can be reached, else as they were copied. */
export interface OnDemand {
  /** @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled. */
  fetch(path: string, options: FetchOptions): Promise<LocalFile>;
  close(): void;
}

export interface OnDemandOptions {
  readonly copy: LocalCopy;
  /** How the root is at the moment. */
  readonly sync: () => Sync;
  /** The open connection to its host. */
  readonly connection: () => Connection | undefined;
  readonly link: LinkSpeed;
  /** Bytes that such files may take in smart mode. */
  readonly limit: () => number;
  /** Something new is here. */
  readonly onDidChange: () => void;
}

export function createOnDemand(options: OnDemandOptions): OnDemand {
  const { copy, link, limit, onDidChange } = options;
  const fetcher = createFetcher();
  return {
    fetch: async (path, { signal = new AbortController().signal, onProgress }) => {
      const { host, root, mode, state } = options.sync();
      if (!isSafePath(path)) throw new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
      const { cache } = await copy.open();
      const file = cache.files.bytesOf(path);
      const entry = cache.manifest.get(path);
      const isKept = mode === "mirror" && state.kind === "waiting";
      if (isKept && entry?.held && entry.seen && isSameContent(entry.held, entry.seen)) {
        return { path: file, fresh: true };
      }
      const connection = options.connection();
      try {
        if (!connection) throw new Failure<SyncFailure>({ code: "sync-offline", host, path });
        await fetchFile(path, host, {
          remote: await fetcher.open(connection, signal),
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
        if (!isSameFile(entry?.held, cache.manifest.get(path)?.held)) onDidChange();
        return { path: file, fresh: true };
      } catch (error) {
        const outOfReach = connection?.state !== "open" || isFailure(error, "connection-lost");
        if (!outOfReach || !cache.manifest.get(path)?.held) throw error;
        return { path: file, fresh: false };
      }
    },
    close: () => fetcher.close(),
  };
}

function isSameFile(one: Stamp | undefined, other: Stamp | undefined): boolean {
  return one && other ? isSameContent(one, other) : one === other;
}
