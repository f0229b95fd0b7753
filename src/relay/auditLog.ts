import { appendFile, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createSerialQueue } from "../common/async/serialQueue.js";
import { renameOver } from "../common/files/replaceFile.js";

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
}

/** Bytes after which the file is set aside; one older file is kept. */
const sizeLimit = 5 * 1024 * 1024;

/** Lines of JSON in a file that only the user can read. */
export function createAuditLog(file: string, onError: (error: unknown) => void): AuditLog {
  const writing = createSerialQueue();
  const append = async (entry: AuditEntry): Promise<void> => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const size = await stat(file).then(
      (info) => info.size,
      () => 0,
    );
    if (size > sizeLimit) await renameOver(file, `${file}.1`);
    await appendFile(file, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`, {
      mode: 0o600,
    });
  };
  return {
    file,
    write: (entry) => writing.add(() => append(entry)).catch(onError),
  };
}
