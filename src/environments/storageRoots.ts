import { decodeBytes } from "../common/text/bytes.js";
import { runScript } from "../ssh/channel/script.js";
import type { Connection } from "../ssh/model/connection.js";
import script from "./storageRoots.sh";

/** A folder in which Runicorn keeps runs. Its path keeps undecodable bytes (see common/bytes). */
export interface StorageRoot {
  /** Absolute. */
  readonly path: string;
  /** The number of its runs, without those in the recycle bin. */
  readonly runs: number;
  readonly hasArchive: boolean;
  readonly hasIndex: boolean;
}

/** The result of a search for storage roots. */
export type RootSearch =
  | {
      readonly kind: "searched";
      /** Sorted by number of runs, descending, then by path. */
      readonly roots: readonly StorageRoot[];
      /** False when a limit (time, folders) cut the search short. */
      readonly complete: boolean;
    }
  /** The start folder does not exist, or is no folder. */
  | { readonly kind: "missing" }
  | { readonly kind: "not-folder" };

export interface RootSearchOptions {
  /** The start folder: absolute, `~`, or relative to the home folder. Default: the home folder. */
  readonly from?: string | undefined;
  /** Maximum depth in levels. */
  readonly depth: number;
  /** Absolute paths to check in any case, such as the configured root. */
  readonly also?: readonly string[];
  /** Timeout in milliseconds, which returns partial results. Default: longer than the script's own limit. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Milliseconds. */
const usualLimit = 25_000;
/** Bytes: thousands of roots. */
const longestAnswer = 1024 * 1024;
const mostRoots = 1_000;

/**
 * Searches a host for storage roots, in one exec that is bounded in folders, runs and time.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function findStorageRoots(
  connection: Connection,
  { from = "", depth, also = [], limit = usualLimit, signal }: RootSearchOptions,
): Promise<RootSearch> {
  const options = {
    timeout: limit,
    outputLimit: longestAnswer,
    keepPartial: true,
    ...(signal && { signal }),
  };
  const { output } = await runScript(connection, script, [from, String(depth), ...also], options);
  return readRoots(output);
}

/** Parses the records of `storageRoots.sh`; drops a truncated one. */
export function readRoots(output: Buffer): RootSearch {
  const fields = decodeBytes(output).split("\0").slice(0, -1);
  const roots: StorageRoot[] = [];
  let complete = false;
  for (let at = 0; at < fields.length && roots.length < mostRoots;) {
    const [letter, first = "", runs, archive, index] = fields.slice(at, at + 5);
    if (letter === "S" && (first === "missing" || first === "not-folder")) return { kind: first };
    if (letter === "R" && index !== undefined) {
      const count = Number(runs);
      if (first.startsWith("/") && Number.isSafeInteger(count) && count >= 0)
        roots.push({ path: first, runs: count, hasArchive: archive === "1", hasIndex: index === "1" });
      at += 5;
    } else if (letter === "S" || letter === "C") {
      complete = letter === "C" && first === "1";
      at += 2;
    } else break;
  }
  roots.sort((a, b) => b.runs - a.runs || (a.path < b.path ? -1 : 1));
  return { kind: "searched", roots, complete };
}
