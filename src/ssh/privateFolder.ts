import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProcessAlive } from "../common/isProcessAlive.js";

const prefix = "runicorn-";
/** A socket's whole path fits into some 100 bytes, on every system. */
const longestBase = 60;

/**
 * Makes a folder for us alone (mode 0700), with a path short enough for a socket, and removes those of programs that
 * were killed.
 */
export async function makePrivateFolder(): Promise<{ readonly path: string; dispose(): Promise<void> }> {
  const usual = tmpdir();
  const base = usual.length > longestBase ? "/tmp" : usual;
  await removeAbandoned(base);
  const path = await mkdtemp(join(base, `${prefix}${process.pid}-`));
  return { path, dispose: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

async function removeAbandoned(base: string): Promise<void> {
  const names = await readdir(base).catch(() => []);
  const abandoned = names.filter((name) => {
    const pid = new RegExp(`^${prefix}(\\d+)-\\w{6}$`).exec(name)?.[1];
    return pid !== undefined && !isProcessAlive(Number(pid));
  });
  // Another user's cannot be removed, and need not be.
  await Promise.all(
    abandoned.map((name) => rm(join(base, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}
