import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ensureProgram } from "./packages.js";

const run = promisify(execFile);

/** Not ours to copy: locks, and what SQLite keeps beside its file. */
const leftOut = ["*.lock", "*-wal", "*-shm"].flatMap((pattern) => ["--exclude", pattern]);

/** rsync(1), exit value 24: a file of either side went after it was listed, as in a copy that is being made equal. */
function isVanished(error: unknown): error is { readonly code: 24; readonly stdout: string } {
  return error instanceof Error && "code" in error && error.code === 24;
}

/**
 * The oracle: what rsync would still do so that `to` is as `from`, by content, names, modes and times. The folders' own
 * times at the top are theirs.
 * @returns one line for each difference; none: equal.
 */
export async function differences(
  from: string,
  to: string,
  filters: readonly string[] = [],
): Promise<string[]> {
  const rsync = ensureProgram("rsync", "rsync");
  const options = ["-acni", "--delete", ...leftOut, ...filters];
  const { stdout, vanished } = await run(rsync, [...options, `${from}/`, `${to}/`], {
    maxBuffer: 1 << 26,
  }).then(
    (done) => ({ ...done, vanished: [] }),
    (error: unknown) => {
      if (!isVanished(error)) throw error;
      return { stdout: error.stdout, vanished: ["something went while it was looked at"] };
    },
  );
  return [...stdout.split("\n"), ...vanished].filter(
    (line) => line !== "" && !line.endsWith(" ./") && !line.startsWith("skipping "),
  );
}
