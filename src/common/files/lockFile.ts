import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, open, writeFile } from "node:fs/promises";
import { isDiskFull } from "./diskFull.js";
import { hasErrorCode } from "./errorCode.js";
import type { LockHolder } from "./lockHolder.js";
import { openRegular } from "./regularFile.js";
import { isInUse, nameBeside, removeFile, whileInUse } from "./replaceFile.js";

/** What stands in a lock's file. */
export interface LockRecord extends LockHolder {
  /** 24 hexadecimal digits, another for each time that a lock is taken. */
  readonly token: string;
}

/** A lock's file as it was read. */
export interface FoundLock {
  readonly token: string;
  /** Undefined where the file says nothing that we understand. */
  readonly holder: LockHolder | undefined;
  /** Milliseconds since the epoch by the clock of the file system: its holder's last sign of life. */
  readonly changedAt: number;
}

/** Bytes; ours have some 300. */
const longestRecord = 4_096;

/** Undefined where there is no such file. */
export async function readLock(path: string): Promise<FoundLock | undefined> {
  // Opened, not only looked at: a network disk answers from memory otherwise.
  const file = await whileInUse(() => openRegular(path)).catch((error: unknown) => {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestRecord), 0, longestRecord, 0);
    const { mtimeMs } = await file.stat();
    const bytes = buffer.subarray(0, bytesRead);
    const record = parseRecord(bytes.toString("utf8"));
    return { token: record?.token ?? nameOfUnknown(bytes, mtimeMs), holder: record, changedAt: mtimeMs };
  } finally {
    await file.close();
  }
}

/** Whether this token stands in a lock's file, told without a turn of the event loop. False also where it cannot be read. */
export function standsInLock(path: string, token: string): boolean {
  try {
    return parseRecord(readFileSync(path, "utf8"))?.token === token;
  } catch {
    return false;
  }
}

/** Gives a file a second name. Tests put another in its place. */
export type MakeLink = (existing: string, path: string) => Promise<void>;

/**
 * Makes a lock's file unless there is one, whole from the first moment where the disk has hard links.
 * @returns whether it was made.
 */
export async function createLock(
  path: string,
  record: LockRecord,
  makeLink: MakeLink = link,
): Promise<boolean> {
  const text = JSON.stringify(record);
  const beside = nameBeside(path, record.token);
  try {
    await writeFile(beside, text, { flag: "wx", mode: 0o600 });
    await makeLink(beside, path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, "EEXIST")) return false;
    if (isDiskFull(error)) throw error;
    return await createWithoutLink(path, text);
  } finally {
    await removeFile(beside);
  }
}

/** On a disk without hard links. For a moment the file is empty; whoever reads it then waits. */
async function createWithoutLink(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    // It was created, but not written.
    if (isDiskFull(error)) await removeFile(path);
    // Windows answers EPERM while the file is being removed by its holder.
    if (hasErrorCode(error, "EEXIST") || (process.platform === "win32" && isInUse(error))) return false;
    throw error;
  }
}

/** A sign of life: writing sets the time by the clock of the file system, which other machines see too. */
export async function touchLock(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.write("{", 0);
  } finally {
    await file.close();
  }
}

/** Milliseconds since the epoch, by the clock of the file system on which the lock is. */
export async function fileSystemNow(path: string, token: string): Promise<number> {
  const beside = nameBeside(path, token);
  const file = await open(beside, "w", 0o600);
  try {
    await file.write("now");
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
    await removeFile(beside);
  }
}

/** The file is foreign input: its token becomes part of file names, and its number is asked about. */
function parseRecord(text: string): LockRecord | undefined {
  try {
    const { token, pid, started, host, machine, boot, pids } = JSON.parse(text) as Record<string, unknown>;
    const isToken = typeof token === "string" && /^[0-9a-f]{24}$/.test(token);
    const isPid = Number.isInteger(pid) && Number(pid) > 0;
    if (!isToken || !isPid) return undefined;
    const word = (value: unknown): string => (typeof value === "string" ? value : "");
    return {
      token,
      pid: Number(pid),
      started: word(started),
      host: word(host),
      machine: word(machine),
      boot: word(boot),
      pids: word(pids),
    };
  } catch {
    return undefined;
  }
}

/** The same for everybody who sees the file in this state. */
function nameOfUnknown(bytes: Buffer, changedAt: number): string {
  return createHash("sha256").update(bytes).update(String(changedAt)).digest("hex").slice(0, 24);
}
