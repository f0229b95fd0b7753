import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ensureProgram } from "./packages.js";

const run = promisify(execFile);

/** Not ours to copy: locks, and what SQLite keeps beside its file. */
const leftOut = ["*.lock", "*-wal", "*-shm"].flatMap((pattern) => ["--exclude", pattern]);

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
  const { stdout } = await run(rsync, [...options, `${from}/`, `${to}/`], { maxBuffer: 1 << 26 });
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(" ./") && !line.startsWith("skipping "));
}
