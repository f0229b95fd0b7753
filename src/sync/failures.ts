import { failureGuard } from "../common/failure.js";

/** Why a root is not synchronized, or a file of it is not there. */
export type SyncFailure =
  | { readonly code: "sync-root-missing"; readonly root: string; readonly host: string }
  | { readonly code: "sync-root-not-folder"; readonly root: string; readonly host: string }
  | {
      readonly code: "sync-root-not-accessible";
      readonly root: string;
      readonly host: string;
      readonly reason: string;
    }
  /** A folder that the host's system makes up, or all that there is: nobody's runs. */
  | { readonly code: "sync-root-is-system"; readonly root: string; readonly host: string }
  /** More files and folders than are kept in memory. */
  | {
      readonly code: "sync-root-too-large";
      readonly root: string;
      readonly host: string;
      readonly limit: number;
    }
  | { readonly code: "sync-helper-failed"; readonly host: string; readonly output: string }
  | {
      readonly code: "sync-no-space";
      readonly folder: string;
      /** Bytes. */
      readonly needed: number;
      readonly free: number;
    }
  | {
      /** One file or folder alone: the others go on, and this one is tried again at the next pass. */
      readonly code: "sync-entry-not-stored";
      /** Relative to the root, as the host has it. */
      readonly path: string;
      /** Absolute path on this machine. */
      readonly file: string;
      readonly reason: NotStoredReason;
    }
  | {
      /** Nothing was removed here; goes on when the files are there again, or when a person says that they are gone. */
      readonly code: "sync-much-gone";
      readonly root: string;
      /** Files of the copy that would be removed. */
      readonly files: number;
      /** Files of the copy. */
      readonly of: number;
      readonly why: GoneReason;
    }
  | { readonly code: "sync-file-missing"; readonly path: string; readonly host: string }
  | { readonly code: "sync-file-not-readable"; readonly path: string; readonly host: string }
  /** What was chosen for a copy is not known: it stays as it is. Absolute path on this machine. */
  | { readonly code: "sync-record-unreadable"; readonly file: string }
  | { readonly code: "sync-not-known"; readonly id: string }
  | { readonly code: "sync-offline"; readonly host: string; readonly path: string };

/** What a person is told of that is gone, and may confirm. */
export type MuchGone = Pick<Extract<SyncFailure, { readonly code: "sync-much-gone" }>, "files" | "why">;

/** Why it is doubtful that files are gone from the host. */
export type GoneReason =
  /** Nothing is below the root any more. */
  | "empty"
  /** Another folder, or another disk, has the root's path. */
  | "other-folder"
  /** Most of them at once. */
  | "many";

/** Why this machine does not take one file or folder, or does not let go of it. */
export type NotStoredReason =
  /** Another program has it open. On Windows also: we may not. */
  | "in-use"
  | "not-permitted"
  | "name-too-long"
  | "name-not-allowed"
  /** Something stands there that is not ours to remove. */
  | "in-the-way"
  /** The file system takes no file of that size. */
  | "too-large";

export const isSyncFailure = failureGuard<SyncFailure>();
