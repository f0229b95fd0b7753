import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ensureProgram } from "./packages.js";

const run = promisify(execFile);

/** What Runicorn keeps for itself beside its files: its locks, and what SQLite has beside its database. */
export const leftOut: readonly string[] = [
  ...["events.jsonl", "summary.json", "status.json", "logs.txt", "assets.json", ".outputs_state.json"].map(
    (name) => `${name}.lock`,
  ),
  ...["runicorn.db.lock", "runicorn.db-wal", "runicorn.db-shm", ".lock"],
];
/** Of files alone: the first filter that fits decides. */
const withoutThose = ["--include", "*/", ...leftOut.flatMap((name) => ["--exclude", name])];

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
  const options = ["-acni", "--delete", ...filters, ...withoutThose];
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
