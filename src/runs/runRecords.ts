import type { Event } from "../common/async/event.js";
import type { RunDetails } from "./runDetails.js";
import type { RunName } from "./runName.js";
import type { RunTable } from "./runTable.js";

/** What is known of all runs on this machine. */
export interface RunRecords {
  /** Reads what changed since the last call: a run that changed costs its own bytes. */
  table(signal?: AbortSignal): Promise<RunTable>;
  /**
   * Reads all of one run's small files, and brings those that are not here.
   * @returns undefined where there is no such run any more.
   * @throws Failure with a `SyncFailure` or `SshFailure` where nothing of it is here and the host cannot be asked.
   */
  details(run: RunName, signal?: AbortSignal): Promise<RunDetails | undefined>;
  /** The next table may differ. Many changes at once are told as one. */
  readonly onDidChange: Event<void>;
}
