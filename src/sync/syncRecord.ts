import { statSync } from "node:fs";
import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { isKeptTarget, isThisMachine } from "../ssh/model/thisMachine.js";
import { cacheFolder, syncIdOf } from "./cache/cache.js";
import type { SyncFailure } from "./failures.js";
import type { SyncMode } from "./runIndex/layout.js";
import { removeFile } from "../common/files/replaceFile.js";
import { readFileIfPresent, updateSharedFile } from "../common/files/sharedFile.js";

const record = z
  .object({
    connectionId: z.string(),
    host: z.string(),
    target: z
      .object({ host: z.string(), user: z.string().optional(), port: z.number().optional() })
      .refine(isKeptTarget),
    root: z.string(),
    mode: z.enum(["smart", "mirror", "in-place"]),
    interval: z.number().positive(),
    wanted: z.boolean().default(false),
    /** What is gone from the host stays in the copy. */
    keepGone: z.boolean().default(false),
    /** What is neither fetched nor removed: patterns as in a .gitignore. */
    exclude: z.array(z.string()).readonly().default([]),
  })
  // Of another machine nothing lies here.
  .refine(({ mode, target }) => mode !== "in-place" || isThisMachine(target));

/** What is kept of a synchronised root beside its files: whose it is, and how it is to be kept. */
export type SyncRecord = z.infer<typeof record>;

/** How a person, or a client, wants a root to be kept. */
export interface SyncRequest {
  /** Absolute path on the host, or one that starts with `~/`. */
  readonly root: string;
  readonly mode: SyncMode;
  /** Seconds between two passes. Default: 300 in smart mode, else 2. */
  readonly interval?: number | undefined;
  /**
   * Whether it goes on by itself whenever this host is connected to again, in this program or the next, until it is
   * stopped. Default: as it was.
   */
  readonly wanted?: boolean | undefined;
  /** Whether what is gone from the host stays here. Default: as it was, at first not. */
  readonly keepGone?: boolean | undefined;
  /** What is neither fetched nor removed: patterns as in a .gitignore. Default: as it was, at first nothing. */
  readonly exclude?: readonly string[] | undefined;
}

const fileName = "sync.json";

/** The record's own time is when the copy last was as the host. Undefined also where it cannot be read. */
export async function readRecord(
  folder: string,
): Promise<{ readonly record: SyncRecord; readonly syncedAt: number } | undefined> {
  const file = join(folder, fileName);
  try {
    const known = parsed(await readFileIfPresent(file));
    return known && { record: known, syncedAt: (await stat(file)).mtimeMs };
  } catch {
    return undefined;
  }
}

/**
 * Tells at any time whether what is gone from the host stays in the copy; where nothing says so any longer, it does. Asked
 * before each of many files, so the record is read again only when it was written.
 */
export function createKeepsGone(folder: string): () => Promise<boolean> {
  let known: { readonly mark: string; readonly keeps: boolean } | undefined;
  return async () => {
    const info = statSync(join(folder, fileName), { bigint: true, throwIfNoEntry: false });
    if (!info) return true;
    const mark = `${info.ino} ${info.size} ${info.mtimeNs} ${info.ctimeNs}`;
    if (known?.mark !== mark) {
      known = { mark, keeps: (await readRecord(folder))?.record.keepGone ?? true };
    }
    return known.keeps;
  };
}

/** @returns undefined for what is no record. */
function parsed(bytes: Buffer | undefined): SyncRecord | undefined {
  try {
    return bytes && record.safeParse(JSON.parse(bytes.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/**
 * Changes the record in its turn, and writes it anew only when it says something else. A new one says that nothing was
 * copied yet.
 * @param change gets the record there is, and returns the one that is to be; undefined leaves it alone.
 * @returns the one that was there.
 * @throws Failure `sync-record-unreadable` where there is one that cannot be read: it stays as it is.
 */
async function changeRecord(
  folder: string,
  change: (before: SyncRecord | undefined) => SyncRecord | undefined,
): Promise<SyncRecord | undefined> {
  const file = join(folder, fileName);
  const textOf = (one: SyncRecord): string => `${JSON.stringify(one, undefined, 2)}\n`;
  let before: SyncRecord | undefined;
  let syncedAt: number | undefined;
  await updateSharedFile(file, async (bytes) => {
    before = parsed(bytes);
    if (bytes && !before) throw new Failure<SyncFailure>({ code: "sync-record-unreadable", file });
    const after = change(before);
    if (!after || (before && textOf(before) === textOf(after))) return undefined;
    syncedAt = bytes ? (await stat(file)).mtimeMs : 0;
    return Buffer.from(textOf(after));
  });
  if (syncedAt !== undefined) await noteSynced(folder, syncedAt);
  return before;
}

export async function writeRecord(folder: string, wanted: SyncRecord): Promise<void> {
  await changeRecord(folder, () => wanted);
}

const defaultInterval: Readonly<Record<SyncMode, number>> = { smart: 300, mirror: 2, "in-place": 2 };

/**
 * Writes down how a root is to be kept; what the request does not say is as it was.
 * @param request its root is absolute.
 * @param keepGone where neither the request nor a record says it.
 * @returns the root's id, and the records before and now.
 * @throws Failure `sync-record-unreadable`
 */
export async function noteRecord(
  dataFolder: string,
  connection: Pick<Connection, "id" | "target">,
  { root, mode, ...request }: SyncRequest,
  keepGone = false,
): Promise<{ readonly id: string; readonly before: SyncRecord | undefined; readonly record: SyncRecord }> {
  const id = syncIdOf(connection.id, root, mode === "in-place");
  const folder = cacheFolder(dataFolder, id);
  const { host, user, port } = connection.target;
  const recordAfter = (before: SyncRecord | undefined): SyncRecord => ({
    connectionId: connection.id,
    host,
    target: { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) },
    root,
    mode,
    interval: request.interval ?? defaultInterval[mode],
    wanted: request.wanted ?? before?.wanted ?? false,
    keepGone: request.keepGone ?? before?.keepGone ?? keepGone,
    exclude: request.exclude ?? before?.exclude ?? [],
  });
  const before = await changeRecord(folder, recordAfter);
  return { id, before, record: recordAfter(before) };
}

/** Notes whether it is to go on by itself. */
export async function noteWanted(folder: string, wanted: boolean): Promise<void> {
  if ((await readFileIfPresent(join(folder, fileName))) === undefined) return;
  await changeRecord(folder, (before) => before && { ...before, wanted });
}

/** Idempotent. */
export async function removeRecord(folder: string): Promise<void> {
  await removeFile(join(folder, fileName));
}

/** @param at milliseconds since the epoch. */
export async function noteSynced(folder: string, at: number): Promise<void> {
  await utimes(join(folder, fileName), at / 1000, at / 1000);
}

/** The folders of every root that was ever synchronised, by id. */
export async function listRecords(dataFolder: string): Promise<readonly string[]> {
  return readdir(join(dataFolder, "sync")).catch(() => []);
}
