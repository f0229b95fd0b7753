import type { Cache } from "./cache.js";
import type { SyncMode } from "./layout.js";
import type { LinkSpeed } from "./linkSpeed.js";
import type { RemoteFiles } from "./remoteFiles.js";

export interface PassOptions {
  readonly remote: RemoteFiles;
  readonly cache: Cache;
  /** Absolute path on the host. */
  readonly root: string;
  readonly mode: SyncMode;
  readonly link: LinkSpeed;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PassProgress) => void;
}

export type PassProgress =
  { readonly kind: "scanning" } | ({ readonly kind: "transferring" } & TransferProgress);

export interface PassResult {
  /** Files stored or removed. */
  readonly changedFiles: number;
  readonly transferredBytes: number;
  /** Files that could not be had this time: not permitted, or changing all the while. */
  readonly skipped: readonly string[];
}

export interface TransferProgress {
  readonly doneFiles: number;
  readonly totalFiles: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
}
