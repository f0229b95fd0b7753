import type { FailureDetail } from "../common/failure.js";
import type { Target } from "../ssh/model/target.js";
import type { SyncMode } from "./runIndex/layout.js";
import type { PassProgress } from "./pass/passOptions.js";
import type { Skipped } from "./pass/skips.js";

/** What a synchronised root is doing. Moved by `reduceSync` and by nothing else. */
export type SyncState =
  /** Nothing happens; what was copied can be looked at. */
  | { readonly kind: "stopped" }
  | { readonly kind: "scanning" }
  | {
      readonly kind: "transferring";
      readonly doneFiles: number;
      readonly totalFiles: number;
      readonly doneBytes: number;
      readonly totalBytes: number;
    }
  /** The copy is as the host was; looked at again at `nextAt` (ms since the epoch). */
  | { readonly kind: "waiting"; readonly nextAt: number }
  /** The host is out of reach; goes on when it is connected again. */
  | { readonly kind: "offline"; readonly failure: FailureDetail }
  /** A failure; retried at `nextAt` (ms since the epoch). */
  | { readonly kind: "failed"; readonly failure: FailureDetail; readonly nextAt: number };

export type SyncEvent =
  | PassProgress
  | { readonly kind: "pass-done"; readonly nextAt: number }
  | { readonly kind: "connection-lost"; readonly failure: FailureDetail }
  | { readonly kind: "pass-failed"; readonly failure: FailureDetail; readonly nextAt: number }
  | { readonly kind: "stop-requested" };

/** A pass with nothing to do fires no change. */
export function reduceSync(state: SyncState, event: SyncEvent): SyncState {
  switch (event.kind) {
    case "scanning":
      return state.kind === "waiting" ? state : { kind: "scanning" };
    case "transferring":
      return event;
    case "pass-done":
      return { kind: "waiting", nextAt: event.nextAt };
    case "connection-lost":
      return { kind: "offline", failure: event.failure };
    case "pass-failed":
      return { kind: "failed", failure: event.failure, nextAt: event.nextAt };
    case "stop-requested":
      return { kind: "stopped" };
  }
}

/** A root of a host that is, or was, synchronised to this machine. */
export interface Sync {
  /** 24 hex digits, told by host and root: the same in every window. */
  readonly id: string;
  readonly connectionId: string;
  /** As a person knows the host. */
  readonly host: string;
  readonly target: Target;
  /** Absolute path on the host. */
  readonly root: string;
  /** The mode that is active, or was last. */
  readonly mode: SyncMode;
  /** Seconds between two passes. */
  readonly interval: number;
  /** A person switched it on and not off again: it goes on by itself whenever its host is connected to. */
  readonly wanted: boolean;
  /** What is gone from the host stays here. */
  readonly keepGone: boolean;
  /** What is neither fetched nor removed: patterns as in a .gitignore, relative to the root. */
  readonly exclude: readonly string[];
  readonly state: SyncState;
  /** Milliseconds since the epoch, local clock: when the copy last was as the host. */
  readonly syncedAt: number | undefined;
  /** Seconds since the epoch by the host's clock, when this program last listed it. */
  readonly hostTime?: number | undefined;
  /** Milliseconds since the epoch, local clock: when it was switched on in this program. */
  readonly startedAt: number | undefined;
  /** What was not as on the host after the last pass. It is tried again. */
  readonly skipped: readonly Skipped[];
  readonly stats: SyncStats;
}

/** Counted since the mode was switched on. */
export interface SyncStats {
  readonly copiedFiles: number;
  readonly transferredBytes: number;
  readonly scans: number;
}
