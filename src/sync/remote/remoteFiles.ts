/** Identifies one state of a file, by what the host's file system records. */
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
  /** With everything that was below it. */
  | { readonly kind: "gone"; readonly path: string }
  /** Everything that is directly in the folder is named in this listing. */
  | { readonly kind: "whole"; readonly path: string }
  /** The folder exists, and not everything in it can be listed: what is not named there is unknown, not gone. */
  | { readonly kind: "hidden"; readonly path: string; readonly why: Unreadable };

/** Why something on the host cannot be read: its permissions forbid it, its disk fails, or no call takes so long a path. */
export type Unreadable = "denied" | "unreadable" | "path-too-long";

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /**
   * `all`: look at everything, whatever it costs the host. `live`: at what changed in the last hour and at running runs, and
   * at the rest little by little. Default `all`.
   */
  readonly pace?: Pace | undefined;
  /** What was listed before is not known any longer: everything is to be told. */
  readonly anew?: boolean | undefined;
}

export type Pace = "all" | "live";

export interface ScanResult {
  /** True: what was not named is gone. False: what was not named is as it was at the last scan. */
  readonly full: boolean;
  /** Seconds since the epoch by the host's clock, which may differ from ours by anything. */
  readonly now: number;
  /** Which folder it was; undefined where the host has no tool that says so. */
  readonly rootIdentity?: { readonly device: string; readonly inode: string } | undefined;
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
  /**
   * What was sent since `begin` is a state that the file had.
   * @param digest SHA-256 (hex) of what was sent; undefined where the host has no tool for it.
   */
  | { readonly kind: "done"; readonly index: number; readonly digest: string | undefined }
  | {
      readonly kind: "failed";
      readonly index: number;
      readonly why: "missing" | "changing" | Unreadable;
    };

/** SHA-256 (hex) of a file's beginning, with its stamp at that time, or why there is none. */
export type Digest = { readonly digest: string; readonly stamp: Stamp } | "missing" | Unreadable;

/** A run whose files say that it is running. */
export interface RunProcess {
  /** Relative to the root. */
  readonly folder: string;
  readonly pid: number;
  /** What the machine that it was started on calls itself. */
  readonly hostname: string;
}

/** What the host says of the process of a run. Of one that was started on another machine it cannot say anything. */
export type ProcessState = "alive" | "gone" | "elsewhere";

/** The files of a host, as far as a synchronisation needs them. Requests are answered one after the other. */
export interface RemoteFiles {
  /** Bytes that came from the host so far, as they came: to judge the link by. */
  readonly received: number;
  /** @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled. */
  scan(
    root: string,
    onChanges: (changes: readonly ListingChange[]) => void,
    options?: ScanOptions,
  ): Promise<ScanResult>;
  /** Hands over file after file, in the order of the requests; waits for `onEvent` before it takes more from the host. */
  read(
    root: string,
    requests: readonly ReadRequest[],
    onEvent: (event: ReadEvent) => Promise<void> | void,
    options?: { readonly compress?: boolean; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Of the first `length` bytes of each file. */
  digests(
    root: string,
    files: readonly { readonly path: string; readonly length: number }[],
    signal?: AbortSignal,
  ): Promise<readonly Digest[]>;
  /** Asks the host which of these processes live. In the order of the runs; undefined: it does not say. */
  processes(
    root: string,
    runs: readonly RunProcess[],
    signal?: AbortSignal,
  ): Promise<readonly (ProcessState | undefined)[]>;
  close(): void;
}
