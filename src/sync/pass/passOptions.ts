import type { Cache } from "../cache/cache.js";
import type { CopyMode } from "../runIndex/layout.js";
import type { Choices } from "./choices.js";
import type { MuchGone } from "../failures.js";
import type { LinkSpeed } from "../remote/linkSpeed.js";
import type { Pace, RemoteFiles } from "../remote/remoteFiles.js";
import type { Skipped, Skips } from "./skips.js";

export interface PassOptions {
  readonly remote: RemoteFiles;
  readonly cache: Cache;
  /** Absolute path on the host. */
  readonly root: string;
  readonly mode: CopyMode;
  readonly link: LinkSpeed;
  /**
   * Asked when the host was listed, so that what goes after a choice was made goes by that choice. Default: to have what the
   * host has. The same object for as long as nothing else is chosen.
   */
  readonly choices?: () => Promise<Choices>;
  /** How much the host is asked to look at. Default: everything. */
  readonly pace?: Pace;
  /** What earlier passes could not copy. Default: nothing. */
  readonly skips?: Skips;
  /** A person said that so much of what is gone from the host is to be removed here. Default: nobody did. */
  readonly mayGo?: MuchGone | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PassProgress) => void;
}

/** The options of a pass that is under way. */
export type PassWork = PassOptions & Required<Pick<PassOptions, "skips">>;

export type PassProgress =
  { readonly kind: "scanning" } | ({ readonly kind: "transferring" } & TransferProgress);

export interface PassResult {
  /** Files stored or removed. */
  readonly changedFiles: number;
  readonly transferredBytes: number;
  /** Seconds since the epoch by the host's clock, when it was listed. */
  readonly hostTime: number;
  /** What is not as on the host after this pass, and why. */
  readonly skipped: readonly Skipped[];
}

/** What a transfer did; what it could not do is noted in the `skips`. */
export type TransferResult = Omit<PassResult, "skipped" | "hostTime">;

export interface TransferProgress {
  readonly doneFiles: number;
  readonly totalFiles: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
}
