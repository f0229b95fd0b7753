import type { Stats } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { createBudget } from "../common/async/budget.js";
import { inTurns } from "../common/async/inTurns.js";
import { Failure, orCancelled } from "../common/failure.js";
import { decodeBytes, encodeBytes } from "../common/text/bytes.js";
import { trimEndOf, trimOf } from "../common/text/trimCharacter.js";
import { timeLimit } from "../common/async/timeLimit.js";
import type { DirectoryEntry } from "./directoryEntry.js";
import type { FilesFailure } from "./failures.js";

/** What a listing may cost. */
export interface ListingLimits {
  readonly entries: number;
  /** Bytes of all names. */
  readonly names: number;
  /** Milliseconds. */
  readonly time: number;
}

/** Entries whose kind is asked for at once. */
const statsInFlight = 64;

/** The absolute path, `~` and relative ones below the home. */
export function resolveHere(path: string, home: string): string {
  if (path.startsWith("/")) return trimEndOf(path, "/") || "/";
  const below = trimOf(path.replace(/^~(?=\/|$)/, ""), "/");
  return below === "" ? home : `${home}/${below}`;
}

/**
 * What a folder of this machine holds, links followed, in no order.
 * @param host what a failure calls this machine.
 * @throws Failure with a `FilesFailure`, Cancelled.
 */
export async function listHere(
  path: string,
  host: string,
  limits: ListingLimits,
  signal?: AbortSignal,
): Promise<DirectoryEntry[]> {
  return inTime(host, limits.time, signal, async (over) => {
    const tooLarge: FilesFailure = { code: "folder-too-large", host, path, most: limits.entries };
    const entryBudget = createBudget(limits.entries, tooLarge);
    const nameBudget = createBudget(limits.names, tooLarge);
    const names: Buffer[] = [];
    try {
      // Names are bytes; Node's types know text alone.
      const folder = await opendir(encodeBytes(path), { encoding: "buffer" as "utf8" });
      for await (const { name } of folder as unknown as AsyncIterable<{ name: Buffer }>) {
        entryBudget.spend(1);
        nameBudget.spend(name.length);
        names.push(name);
        over.throwIfAborted();
      }
    } catch (error) {
      throw refusal(error, host, path);
    }
    const entries: DirectoryEntry[] = [];
    const parent = encodeBytes(path === "/" ? "/" : `${path}/`);
    for await (const some of inTurns(names, statsInFlight)) {
      over.throwIfAborted();
      const read = some.map(async (name) =>
        entryOf(name, await stat(Buffer.concat([parent, name])).catch(nothing)),
      );
      entries.push(...(await Promise.all(read)));
    }
    return entries;
  });
}

/** What is at a path of this machine; following links. */
export async function lookHere(
  path: string,
  host: string,
  limit: number,
  signal?: AbortSignal,
): Promise<DirectoryEntry["kind"] | "missing"> {
  return inTime(host, limit, signal, async () => {
    try {
      return kindOf(await stat(encodeBytes(path)));
    } catch (error) {
      const failure = refusal(error, host, path);
      if (failure.detail.code === "path-missing") return "missing";
      throw failure;
    }
  });
}

/** A disk of the network may never answer. */
async function inTime<T>(
  host: string,
  limit: number,
  signal: AbortSignal | undefined,
  work: (over: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = timeLimit(limit);
  const over = signal ? AbortSignal.any([signal, late]) : late;
  try {
    return await orCancelled(work(over), over);
  } catch (error) {
    if (!late.aborted || signal?.aborted) throw error;
    throw new Failure<FilesFailure>({ code: "files-timed-out", host, seconds: limit / 1000 });
  }
}

function entryOf(bytes: Buffer, found: Stats | undefined): DirectoryEntry {
  const name = decodeBytes(bytes);
  if (!found) return { name, kind: "other", size: 0, mtime: 0 };
  const kind = kindOf(found);
  return { name, kind, size: kind === "folder" ? 0 : found.size, mtime: Math.floor(found.mtimeMs / 1000) };
}

function kindOf(found: Stats): DirectoryEntry["kind"] {
  return found.isDirectory() ? "folder" : found.isFile() ? "file" : "other";
}

/** Of a link that leads nowhere, or of what was deleted meanwhile. */
function nothing(): undefined {
  return undefined;
}

function refusal(error: unknown, host: string, path: string): Failure<FilesFailure> {
  if (error instanceof Failure) return error as Failure<FilesFailure>;
  switch ((error as NodeJS.ErrnoException).code) {
    case "EACCES":
    case "EPERM":
      return new Failure<FilesFailure>({ code: "path-not-permitted", host, path });
    case "ENOTDIR":
      return new Failure<FilesFailure>({ code: "path-not-folder", host, path });
    case "ENAMETOOLONG":
      return new Failure<FilesFailure>({ code: "path-invalid", path });
    case "ENOENT":
      return new Failure<FilesFailure>({ code: "path-missing", host, path });
    default:
      throw error;
  }
}
