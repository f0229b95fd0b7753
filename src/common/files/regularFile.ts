import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Failure } from "../failure.js";
import { decodeBytes } from "../text/bytes.js";
import { hasErrorCode } from "./errorCode.js";
import type { LocalFileFailure } from "./failures.js";

/** Windows has no pipes among its files. */
const withoutWaiting = constants.O_RDONLY | (process.platform === "win32" ? 0 : constants.O_NONBLOCK);

/** Windows has no such links that anybody may make. */
const withoutLinks = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/** Bytes that are copied at once. */
const pieceSize = 1 << 20;

/** A file that lies where others may put a link in its place at any moment. */
export interface GuardedFile {
  readonly path: string | Buffer;
  /** Whether what was opened there may be read. */
  readonly mayRead: (opened: FileHandle) => Promise<boolean>;
}

/** A file of this machine, by its absolute path as the file system takes it. */
export type LocalPath = string | Buffer | GuardedFile;

/**
 * Opens a file for reading, and nothing else: a named pipe would keep us waiting until somebody writes into it.
 * @returns undefined for a device, such as /dev/null: it holds nothing.
 * @throws Failure `local-file-irregular`, also for a link in the place of a guarded file; or what the system says.
 */
export async function openRegular(place: LocalPath): Promise<FileHandle | undefined> {
  const isPlain = typeof place === "string" || Buffer.isBuffer(place);
  const { path, mayRead } = isPlain ? { path: place, mayRead: undefined } : place;
  const irregular = (): Failure<LocalFileFailure> => {
    const named = typeof path === "string" ? path : decodeBytes(path);
    return new Failure<LocalFileFailure>({ code: "local-file-irregular", file: named });
  };
  const file = await open(path, withoutWaiting | (mayRead ? withoutLinks : 0)).catch((error: unknown) => {
    throw mayRead && hasErrorCode(error, "ELOOP") ? irregular() : error;
  });
  try {
    const facts = await file.stat();
    if (mayRead && !(await mayRead(file))) throw irregular();
    // Of a folder the system says so itself, when it is read.
    if (facts.isFile() || facts.isDirectory()) return file;
    if (!facts.isCharacterDevice()) throw irregular();
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

/** The bytes of a regular file, none of a device. @throws as {@link openRegular} does. */
export async function readRegular(place: LocalPath): Promise<Buffer> {
  const file = await openRegular(place);
  try {
    return file ? await file.readFile() : Buffer.alloc(0);
  } finally {
    await file?.close();
  }
}

/**
 * Copies a regular file over another one, which is made where it is missing; onto itself nothing is done.
 * @param target absolute path.
 * @throws as {@link openRegular} does, and then the target is as it was; or what the system says.
 */
export async function copyRegular(place: LocalPath, target: string): Promise<void> {
  const from = await openRegular(place);
  try {
    const to = await open(target, constants.O_WRONLY | constants.O_CREAT, 0o666);
    try {
      if (from && (await isSameFile(from, to))) return;
      await to.truncate();
      if (from) await copyBytes(from, to);
    } finally {
      await to.close();
    }
  } finally {
    await from?.close();
  }
}

async function copyBytes(from: FileHandle, to: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafe(pieceSize);
  for (;;) {
    const { bytesRead } = await from.read(buffer, 0, pieceSize);
    if (bytesRead === 0) return;
    // Goes on behind what it wrote before.
    await to.writeFile(buffer.subarray(0, bytesRead));
  }
}

async function isSameFile(one: FileHandle, other: FileHandle): Promise<boolean> {
  const [a, b] = await Promise.all([one.stat({ bigint: true }), other.stat({ bigint: true })]);
  return a.dev === b.dev && a.ino === b.ino;
}
