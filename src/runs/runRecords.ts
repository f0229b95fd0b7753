import type { Event } from "../common/async/event.js";
import type { RunDetails } from "./runDetails.js";
import type { RunName } from "./runName.js";
import type { RunTable } from "./runTable.js";

/** Data of all runs on this machine. */
export interface RunRecords {
  /** Reads only what changed since the last call. */
  table(signal?: AbortSignal): Promise<RunTable>;
  /**
   * Reads all small files of one run, and fetches those that are missing.
   * @returns undefined if the run no longer exists.
   * @throws Failure with a `SyncFailure` or `SshFailure` if none of them is here and the host is unreachable.
   */
  details(run: RunName, signal?: AbortSignal): Promise<RunDetails | undefined>;
  /** The next table may differ. Debounced. */
  readonly onDidChange: Event<void>;
}
