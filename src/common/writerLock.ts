import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { isProcessAlive } from "./isProcessAlive.js";
import { Cancelled } from "./failure.js";
import { hasErrorCode } from "./sharedFile.js";

/** The right to write into a folder or file: one program at a time has it, in however many windows. */
export interface WriterLock {
  /** False once another program took it, as happens to one that slept with the laptop. */
  stillHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Milliseconds between two signs of life. */
const heartbeat = 2_000;
/** Milliseconds without one after which a holder that cannot be asked is taken for dead. */
const staleAge = 30_000;
/** Milliseconds between two tries of whoever waits. */
const retryInterval = 100;

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
}

/**
 * Waits for the lock.
 * @param file absolute path of the lock file, in an existing folder.
 * @throws Cancelled
 */
export async function acquireWriterLock(file: string, signal?: AbortSignal): Promise<WriterLock> {
  const holder: Holder = { token: randomBytes(12).toString("hex"), pid: process.pid, host: hostname() };
  for (;;) {
    if (signal?.aborted) throw new Cancelled();
    if (await create(file, holder)) return hold(file, holder);
    if (await isAbandoned(file)) await setAside(file);
    else await delay(retryInterval, undefined, signal && { signal }).catch(() => undefined);
  }
}

function hold(file: string, { token }: Holder): WriterLock {
  const stillHeld = async (): Promise<boolean> => (await readHolder(file))?.token === token;
  const beat = async (): Promise<void> => {
    const now = new Date();
    if (await stillHeld()) await utimes(file, now, now);
  };
  const timer = setInterval(() => void beat().catch(() => undefined), heartbeat);
  timer.unref();
  return {
    stillHeld,
    release: async () => {
      clearInterval(timer);
      if (await stillHeld()) await rm(file, { force: true });
    },
  };
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(JSON.stringify(holder));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (hasErrorCode(error, "EEXIST") || hasErrorCode(error, "EPERM")) return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** A process of this machine can be asked; of any other only its heartbeat tells. */
async function isAbandoned(file: string): Promise<boolean> {
  const holder = await readHolder(file);
  if (holder?.host === hostname() && holder.pid !== process.pid && !isProcessAlive(holder.pid)) return true;
  const info = await stat(file).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > staleAge;
}

/** Of several that find it abandoned, one moves it away; a lock that changed hands meanwhile is put back. */
async function setAside(file: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  const before = await readHolder(file);
  try {
    await rename(file, aside);
    const moved = await readHolder(aside);
    if (moved && moved.token !== before?.token) await rename(aside, file);
    else await rm(aside, { force: true });
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT") && !hasErrorCode(error, "EPERM")) throw error;
  }
}
