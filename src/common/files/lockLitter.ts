import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { removeFile } from "./replaceFile.js";

/** Milliseconds after which a file beside a lock is not about to be used: it is there for moments. */
const litterAge = 60_000;

/**
 * Removes what processes that were killed left beside a lock. Never a claim that counts: whoever calls holds the lock, and
 * a claim on its own token is left.
 */
export async function sweep(path: string, token: string): Promise<void> {
  const folder = dirname(path);
  try {
    const { mtimeMs: now } = await stat(path);
    for (const name of await readdir(folder)) {
      if (!isBeside(name, basename(path)) || name.includes(token)) continue;
      const { mtimeMs } = await stat(join(folder, name));
      if (now - mtimeMs > litterAge) await removeFile(join(folder, name));
    }
  } catch {
    // Ignore: it is small, and the next holder tries again.
  }
}

function isBeside(name: string, lock: string): boolean {
  return name.startsWith(lock) && /^(\.[0-9a-f]{24}){1,2}(\.new)?$/.test(name.slice(lock.length));
}
