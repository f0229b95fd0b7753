import { posix } from "node:path";
import { decodeBytes } from "../../common/text/bytes.js";
import { Failure } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { runShortScript } from "../../ssh/channel/script.js";
import type { SyncFailure } from "../failures.js";

/** Milliseconds for the answer. */
const limit = 30_000;

/**
 * The absolute form of a root as a person writes it: `~` is the home of whoever logs in there, `..` and doubled slashes
 * are gone, so that one root has one name.
 * @throws Failure `sync-root-missing` for a path that is not absolute, or an `SshFailure`.
 */
export async function absoluteRoot(
  connection: Connection,
  root: string,
  signal?: AbortSignal,
): Promise<string> {
  const isUsable = /^(\/|~\/|~$)/.test(root) && !root.includes("\0");
  if (!isUsable) {
    throw new Failure<SyncFailure>({ code: "sync-root-missing", root, host: connection.target.host });
  }
  const home = root.startsWith("~") ? await homeOf(connection, signal) : "";
  const normal = posix.normalize(root.replace(/^~/, () => home));
  return normal.length > 1 ? normal.replace(/\/$/, "") : normal;
}

async function homeOf(connection: Connection, signal: AbortSignal | undefined): Promise<string> {
  const script = `main() { printf '%s' "$HOME"; }`;
  const { output } = await runShortScript(connection, script, [], {
    timeout: limit,
    ...(signal && { signal }),
  });
  return decodeBytes(output);
}
