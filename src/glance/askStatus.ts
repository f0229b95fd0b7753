import type { Connection } from "../ssh/model/connection.js";
import { runShortScript } from "../ssh/channel/script.js";
import { readStatus } from "./readStatus.js";
import type { HostStatus } from "./status.js";
import statusScript from "./status.sh";

/** What to query besides the machine itself. */
export interface StatusQuestion {
  /** Absolute paths on the host; empty: the home folder's disk. */
  readonly roots: readonly string[];
  readonly pids: readonly number[];
  /** `stuck` of the last answer. */
  readonly stuck?: string | undefined;
}

/** Milliseconds: more than all limits of the script together, because killing it would cost the held shell. */
const limit = 60_000;
/** Bytes; a tool's answer may take 64 KiB. */
const longestAnswer = 512 * 1024;
const mostRoots = 4;
const mostPids = 64;
const largestPid = 2 ** 31 - 1;

/**
 * Queries how busy the host is, with one short script that kills whatever hangs in it.
 * @throws Failure with an `SshFailure`.
 */
export async function askStatus(
  connection: Connection,
  { roots, pids, stuck = "" }: StatusQuestion,
): Promise<HostStatus> {
  const asked = pids
    .filter((pid) => Number.isInteger(pid) && pid > 0 && pid <= largestPid)
    .slice(0, mostPids);
  const folders = roots.filter((root) => root.startsWith("/") && !root.includes("\0")).slice(0, mostRoots);
  const options = { timeout: limit, outputLimit: longestAnswer };
  const { output } = await runShortScript(
    connection,
    statusScript,
    [stuck, asked.join(","), ...folders],
    options,
  );
  return readStatus(output);
}
