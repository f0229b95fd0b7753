import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
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
});

/** What is kept of a synchronised root beside its files: whose it is, and how it is to be kept. */
export type SyncRecord = z.infer<typeof record>;

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
