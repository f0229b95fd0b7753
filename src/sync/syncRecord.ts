import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Connection } from "../ssh/model/connection.js";
import { cacheFolder, syncIdOf } from "./cache/cache.js";
import type { SyncMode } from "./runIndex/layout.js";
import { removeFile } from "../common/files/replaceFile.js";
import { readFileIfPresent, updateSharedFile } from "../common/files/sharedFile.js";

const record = z.object({
  connectionId: z.string(),
  host: z.string(),
  target: z.object({ host: z.string(), user: z.string().optional(), port: z.number().int().optional() }),
  root: z.string(),
  mode: z.enum(["smart", "mirror"]),
  interval: z.number().positive(),
  wanted: z.boolean().default(false),
  /** What is gone from the host stays in the copy. */
  keepGone: z.boolean().default(false),
  /** What is neither fetched nor removed: patterns as in a .gitignore. */
  exclude: z.array(z.string()).readonly().default([]),
});

/** What is kept of a synchronised root beside its files: whose it is, and how it is to be kept. */
export type SyncRecord = z.infer<typeof record>;

/** How a person, or a client, wants a root to be kept. */
export interface SyncRequest {
  /** Absolute path on the host, or one that starts with `~/`. */
  readonly root: string;
  readonly mode: SyncMode;
  /** Seconds between two passes. Default: 300 in smart mode, 2 in mirror mode. */
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

/** The record's own time is when the copy last was as the host. */
export async function readRecord(
  folder: string,
): Promise<{ readonly record: SyncRecord; readonly syncedAt: number } | undefined> {
  const file = join(folder, fileName);
  try {
    const bytes = await readFileIfPresent(file);
    const parsed = bytes && record.safeParse(JSON.parse(bytes.toString("utf8")));
    return parsed?.success ? { record: parsed.data, syncedAt: (await stat(file)).mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

/** Written anew only when it says something else. A new one says that nothing was copied yet. */
export async function writeRecord(folder: string, wanted: SyncRecord): Promise<void> {
  const before = await readRecord(folder);
  const text = `${JSON.stringify(wanted, undefined, 2)}\n`;
  if (before && `${JSON.stringify(before.record, undefined, 2)}\n` === text) return;
  await updateSharedFile(join(folder, fileName), () => Buffer.from(text));
  await noteSynced(folder, before?.syncedAt ?? 0);
}

const defaultInterval: Readonly<Record<SyncMode, number>> = { smart: 300, mirror: 2 };

/**
 * Writes down how a root is to be kept; what the request does not say is as it was.
 * @param request its root is absolute.
 * @returns the root's id, and the records before and now.
 */
export async function noteRecord(
  dataFolder: string,
  connection: Pick<Connection, "id" | "target">,
  { root, mode, ...request }: SyncRequest,
): Promise<{ readonly id: string; readonly before: SyncRecord | undefined; readonly record: SyncRecord }> {
  const id = syncIdOf(connection.id, root);
  const folder = cacheFolder(dataFolder, id);
  const before = (await readRecord(folder))?.record;
  const { host, user, port } = connection.target;
  const record: SyncRecord = {
    connectionId: connection.id,
    host,
    target: { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) },
    root,
    mode,
    interval: request.interval ?? defaultInterval[mode],
    wanted: request.wanted ?? before?.wanted ?? false,
    keepGone: request.keepGone ?? before?.keepGone ?? false,
    exclude: request.exclude ?? before?.exclude ?? [],
  };
  await writeRecord(folder, record);
  return { id, before, record };
}

/** Notes whether it is to go on by itself. */
export async function noteWanted(folder: string, wanted: boolean): Promise<void> {
  const before = await readRecord(folder);
  if (before) await writeRecord(folder, { ...before.record, wanted });
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
