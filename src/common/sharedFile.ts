import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds after which a lock was left behind: its holder needs a few milliseconds, unless it was killed. */
const staleLockAge = 10_000;
/** Milliseconds that a writer waits for its turn. */
const lockPatience = 30_000;
/** Milliseconds between two tries, at most. */
const retryInterval = 20;

/** The file's bytes, or undefined when it does not exist. */
export async function readFileIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/**
 * Reads a file, changes it and puts the result in its place in one step, while other windows and programs do the same.
 * The file is never seen half written, and no change of another writer is lost. Mode 0600, its folder 0700 when made.
 * @param change gets the bytes there are (undefined: no file) and returns those to be; undefined leaves the file alone.
 */
export async function updateSharedFile(
  path: string,
  change: (bytes: Buffer | undefined) => Buffer | undefined,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = await acquireLock(`${path}.lock`);
  try {
    const changed = change(await readFileIfPresent(path));
    if (changed === undefined) return;
    const beside = `${path}.${randomBytes(6).toString("hex")}.new`;
    try {
      await writeSynced(beside, changed);
      await lock.stillHeld();
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  } finally {
    await lock.release();
  }
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

interface Lock {
  /** Throws when the lock was taken from us, as happens to a writer that slept with the laptop. */
  stillHeld(): Promise<void>;
  release(): Promise<void>;
}

async function acquireLock(path: string): Promise<Lock> {
  const token = randomBytes(12).toString("hex");
  const deadline = Date.now() + lockPatience;
  while (!(await createLock(path, token))) {
    await removeStaleLock(path);
    if (Date.now() > deadline) throw new Error(`${path} is held by another program`);
    await delay(Math.random() * retryInterval);
  }
  const held = async (): Promise<boolean> => (await readFileIfPresent(path))?.toString() === token;
  return {
    async stillHeld() {
      if (!(await held())) throw new Error(`${path} was taken by another program`);
    },
    async release() {
      if (await held()) await rm(path, { force: true });
    },
  };
}

async function createLock(path: string, token: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(token);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    // Windows answers EPERM while the file is being removed by its holder.
    if (hasErrorCode(error, "EEXIST") || hasErrorCode(error, "EPERM")) return false;
    throw error;
  }
}

/** Moves the lock away before removing it: of several that see it stale, only one moves it. */
async function removeStaleLock(path: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs < staleLockAge) return;
    const aside = `${path}.${randomBytes(6).toString("hex")}`;
    await rename(path, aside);
    await rm(aside, { force: true });
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT") && !hasErrorCode(error, "EPERM")) throw error;
  }
}

/** Whether the system refused with this code, e.g. `ENOENT`. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
