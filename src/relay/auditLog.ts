import type { Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createSerialQueue } from "../common/async/serialQueue.js";
import { renameOver } from "../common/files/replaceFile.js";
import { makeFolder } from "../common/files/makeFolder.js";

/** One line for each command that ended. */
export interface AuditEntry {
  readonly id: string;
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly fate: string;
  readonly exitCode: number;
  readonly milliseconds: number;
  /** Only where the person wants it kept. */
  readonly command?: string | undefined;
}

export interface AuditLog {
  readonly file: string;
  /** Never rejects: a full disk must not end the agent. */
  write(entry: AuditEntry): Promise<void>;
  /** Lets go of the file when everything is written; what is written later opens it again. */
  close(): Promise<void>;
}

/** Bytes after which the file is set aside; one older file is kept. */
const sizeLimit = 5 * 1024 * 1024;

/** Milliseconds between checks that the open file still has that name (log rotation). */
const lookInterval = 1_000;

/** Lines of JSON in a file that only the user can read. It stays open between them. */
export function createAuditLog(
  file: string,
  onError: (error: unknown) => void,
  now: () => number = Date.now,
): AuditLog {
  const writing = createSerialQueue();
  let opened: { readonly handle: FileHandle; readonly file: Stats } | undefined;
  let waiting = "";
  let lookAt = 0;

  const letGo = async (): Promise<void> => {
    const before = opened;
    opened = undefined;
    await before?.handle.close();
  };

  /** The file of that name: agents of other windows set it aside too, and a person may. */
  const current = async (): Promise<FileHandle> => {
    if (opened && now() < lookAt) return opened.handle;
    lookAt = now() + lookInterval;
    const there = await stat(file).catch(() => undefined);
    const isFull = there !== undefined && there.size > sizeLimit;
    if (there && opened?.file.ino === there.ino && opened.file.dev === there.dev && !isFull)
      return opened.handle;
    await letGo();
    if (isFull) await renameOver(file, `${file}.1`);
    await makeFolder(dirname(file));
    const handle = await open(file, "a", 0o600);
    opened = { handle, file: await handle.stat() };
    return handle;
  };

  const writeWaiting = async (): Promise<void> => {
    const lines = waiting;
    waiting = "";
    if (lines === "") return;
    try {
      await (await current()).appendFile(lines);
    } catch (error) {
      await letGo().catch(() => undefined);
      throw error;
    }
  };

  return {
    file,
    write: (entry) => {
      waiting += `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`;
      return writing.add(writeWaiting).catch(onError);
    },
    close: () => writing.add(letGo).catch(onError),
  };
}
