/** What tells one state of a file from another, as the host's file system keeps it. */
export interface Stamp {
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch with nine decimals, as text: nanoseconds do not fit a number. */
  readonly mtime: string;
  readonly ctime: string;
  readonly inode: string;
  /** Permission bits. */
  readonly mode: number;
}

/** A file or folder below the root. Links, devices and pipes are never listed. */
export interface RemoteEntry {
  readonly kind: "file" | "folder";
  /** Relative to the root, `/` between parts, undecodable bytes kept (see common/bytes). */
  readonly path: string;
  readonly stamp: Stamp;
}

export type ListingChange =
  | { readonly kind: "present"; readonly entry: RemoteEntry }
  | { readonly kind: "gone"; readonly path: string }
  /** The folder exists and cannot be listed: what is below it is unknown, not gone. */
  | { readonly kind: "unreadable"; readonly path: string };

export interface ScanResult {
  /** True: what was not named is gone. False: what was not named is as it was at the last scan. */
  readonly full: boolean;
  /** Seconds since the epoch by the host's clock, which may differ from ours by anything. */
  readonly now: number;
}

/** A wish to have a file from `offset` on, if what is before it is still what we have. */
export interface ReadRequest {
  readonly path: string;
  readonly offset: number;
  /** Parts of the first `offset` bytes, `[start, length]`, whose SHA-256 one after the other is `digest`. */
  readonly blocks: readonly (readonly [number, number])[];
  readonly digest: string;
  /** What was written to this file stays as it is, and more comes at its end. */
  readonly grows: boolean;
}

/** How one file of a read came; `index` is its place among the requests. */
export type ReadEvent =
  | {
      readonly kind: "begin";
      readonly index: number;
      /** The offset asked for, or 0: what is there already is of no use. A second `begin` starts the file anew. */
      readonly start: number;
      readonly stamp: Stamp;
      /** Seconds since the last change by the host's clock. */
      readonly age: number;
    }
  | { readonly kind: "data"; readonly index: number; readonly bytes: Buffer }
  /** What was sent since `begin` is a state that the file had. */
  | { readonly kind: "done"; readonly index: number }
  | {
      readonly kind: "failed";
      readonly index: number;
      readonly why: "missing" | "denied" | "unreadable" | "changing";
    };

/** The files of a host, as far as a synchronisation needs them. Requests are answered one after the other. */
export interface RemoteFiles {
  /** Bytes that came from the host so far, as they came: to judge the link by. */
  readonly received: number;
  /** @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled. */
  scan(
    root: string,
    onChanges: (changes: readonly ListingChange[]) => void,
    signal?: AbortSignal,
  ): Promise<ScanResult>;
  /** Hands over file after file, in the order of the requests; waits for `onEvent` before it takes more from the host. */
  read(
    root: string,
    requests: readonly ReadRequest[],
    onEvent: (event: ReadEvent) => Promise<void> | void,
    options?: { readonly compress?: boolean; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** SHA-256 (hex) of the first `length` bytes of each file, with the stamp at that time; undefined: not readable. */
  digests(
    root: string,
    files: readonly { readonly path: string; readonly length: number }[],
    signal?: AbortSignal,
  ): Promise<readonly ({ readonly digest: string; readonly stamp: Stamp } | undefined)[]>;
  close(): void;
}

export type SyncFailure =
  | { readonly code: "sync-root-missing"; readonly root: string; readonly host: string }
  | { readonly code: "sync-root-not-folder"; readonly root: string; readonly host: string }
  | {
      readonly code: "sync-root-not-accessible";
      readonly root: string;
      readonly host: string;
      readonly reason: string;
    }
  | { readonly code: "sync-helper-failed"; readonly host: string; readonly output: string }
  | {
      readonly code: "sync-no-space";
      readonly folder: string;
      /** Bytes. */
      readonly needed: number;
      readonly free: number;
    }
  | { readonly code: "sync-file-missing"; readonly path: string; readonly host: string }
  | { readonly code: "sync-file-not-readable"; readonly path: string; readonly host: string }
  | { readonly code: "sync-not-known"; readonly id: string }
  | { readonly code: "sync-offline"; readonly host: string; readonly path: string };
