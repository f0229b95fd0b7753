import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pause } from "../async/pause.js";
import { hasErrorCode } from "./errorCode.js";

/** What is asked of the file system to give a file another name or none. Tests put others in their place. */
export interface FileCalls {
  rename(from: string | Buffer, to: string | Buffer): Promise<void>;
  unlink(path: string | Buffer): Promise<void>;
  rm(path: string | Buffer, how: { readonly recursive: true; readonly force: true }): Promise<void>;
}

export interface RetryOptions {
  /** Milliseconds for which a file that another program has open is tried again. */
  readonly patience?: number;
  readonly calls?: FileCalls;
}

/**
 * Milliseconds. On Windows a virus scanner, an indexer, an editor or a reader of our own keeps a file from being replaced
 * or removed while it has it open, mostly for moments. Elsewhere that happens on network disks only, and the same codes
 * mostly mean that we may not.
 */
const usualPatience = process.platform === "win32" ? 8_000 : 1_000;
/** Milliseconds before the second try, at most; doubled for each further one up to the longest. */
const firstPause = 10;
const longestPause = 100;

/** Whether a file could not be renamed or removed because another program has it open, as far as the code tells. */
export function isInUse(error: unknown): boolean {
  return hasErrorCode(error, "EPERM", "EACCES", "EBUSY");
}

/** Renames a file, in the place of the one with that name if there is one. What is in use is tried again for a while. */
export async function renameOver(
  from: string | Buffer,
  to: string | Buffer,
  options: RetryOptions = {},
): Promise<void> {
  const { calls = nodeCalls } = options;
  await whileInUse(() => calls.rename(from, to), options);
}

/** Removes a file; one that is not there counts. What is in use is tried again for a while. */
export async function removeFile(path: string | Buffer, options: RetryOptions = {}): Promise<void> {
  const { calls = nodeCalls } = options;
  try {
    await whileInUse(() => calls.unlink(path), options);
  } catch (error) {
    // ENOTDIR: one of its folders is a file by now.
    if (!hasErrorCode(error, "ENOENT", "ENOTDIR")) throw error;
  }
}

/** Removes a file, or a folder with all that is in it; one that is not there counts. Links are not followed. */
export async function removeTree(path: string | Buffer, options: RetryOptions = {}): Promise<void> {
  const { calls = nodeCalls } = options;
  try {
    await whileInUse(() => calls.rm(path, { recursive: true, force: true }), options, isInUseOrFilling);
  } catch (error) {
    if (!hasErrorCode(error, "ENOTDIR")) throw error;
  }
}

/** ENOTEMPTY: somebody put a file into a folder while it was removed. */
function isInUseOrFilling(error: unknown): boolean {
  return isInUse(error) || hasErrorCode(error, "ENOTEMPTY");
}

export interface ReplaceOptions extends RetryOptions {
  /** Part of the name under which the file is written; default: random. */
  readonly token?: string;
  /** Whether the new name must outlive a loss of power too. The content does in any case. */
  readonly syncFolder?: boolean;
  /** Runs when the new file is whole, right before it takes its place. What it throws leaves the old one there. */
  readonly beforeRename?: () => Promise<void>;
}

/** The name under which a file is written before it takes its place. */
export function nameBeside(path: string, token: string): string {
  return `${path}.${token}.new`;
}

/** Removes what a program that was ended left beside a file. Only for whoever alone may write that file. Never rejects. */
export async function removeLeftovers(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = await readdir(folder).catch(() => []);
  const left = names.filter(
    (one) => one.startsWith(name) && /^\.[0-9a-f]+\.new$/.test(one.slice(name.length)),
  );
  await Promise.all(left.map((one) => removeFile(join(folder, one)).catch(() => undefined)));
}

/**
 * Puts a new file (mode 0600) in the place of the one there is, in one step: it is written beside it and renamed.
 * Nobody sees it half written, whatever ends this program or the machine.
 * @param content the bytes, or what writes them.
 * @returns what `content` did.
 */
export async function replaceFile<T>(
  path: string,
  content: Buffer | ((file: FileHandle) => Promise<T>),
  options: ReplaceOptions = {},
): Promise<T> {
  const { token = randomBytes(6).toString("hex"), beforeRename } = options;
  const beside = nameBeside(path, token);
  try {
    const written = await writeSynced(beside, content);
    await beforeRename?.();
    await renameOver(beside, path, options);
    if (options.syncFolder) await syncFolder(dirname(path));
    return written;
  } catch (error) {
    await removeFile(beside, options).catch(() => undefined);
    throw error;
  }
}

async function writeSynced<T>(
  path: string,
  content: Buffer | ((file: FileHandle) => Promise<T>),
): Promise<T> {
  const file = await open(path, "w", 0o600);
  try {
    const written = typeof content === "function" ? await content(file) : await file.writeFile(content);
    await file.sync();
    return written as T;
  } finally {
    await file.close();
  }
}

/** What was renamed in it is so after a loss of power too. Windows has nothing of the kind. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

const nodeCalls: FileCalls = { rename, unlink, rm };

/** Tries again while another program has the file open, with pauses that grow and vary: two that wait must not meet. */
export async function whileInUse<T>(
  work: () => Promise<T>,
  { patience = usualPatience }: RetryOptions = {},
  isWorthIt = isInUse,
): Promise<T> {
  const began = performance.now();
  for (let longest = firstPause; ; longest = Math.min(2 * longest, longestPause)) {
    try {
      return await work();
    } catch (error) {
      if (!isWorthIt(error) || performance.now() - began >= patience) throw error;
      await pause(longest * (0.5 + Math.random() / 2));
    }
  }
}
