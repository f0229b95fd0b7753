import { dirname } from "node:path";
import { createSerialQueue, type SerialQueue } from "../async/serialQueue.js";
import { Failure } from "../failure.js";
import { isDiskFull } from "./diskFull.js";
import { hasErrorCode } from "./errorCode.js";
import type { LocalFileFailure } from "./failures.js";
import { acquireLock, LockBusy } from "./lock.js";
import { openRegular, readRegular } from "./regularFile.js";
import {
  isInUse,
  nameBeside,
  removeFile,
  replaceFile,
  type RetryOptions,
  whileInUse,
} from "./replaceFile.js";
import { makeFolder } from "./makeFolder.js";

/** Milliseconds that a writer waits for its turn. */
const lockPatience = 30_000;

/** Milliseconds in which a file that cannot be read is tried again: on Windows it may be about to be replaced. */
const readPatience = process.platform === "win32" ? 2_000 : 0;

/** The bytes to be, made from those there are. */
type Change = (bytes: Buffer | undefined) => Buffer | undefined | Promise<Buffer | undefined>;

/** The file's bytes, or undefined when it does not exist. @throws Failure `local-file-irregular`, or what the system says. */
export async function readFileIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await whileInUse(() => readRegular(path), { patience: readPatience });
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Bytes. */
const pieceSize = 64 * 1024;

/** The file's bytes piece by piece, each new memory; none when it does not exist. */
export async function* readInPieces(path: string): AsyncGenerator<Buffer, void> {
  const file = await whileInUse(() => openRegular(path), { patience: readPatience }).catch(
    (error: unknown) => {
      if (hasErrorCode(error, "ENOENT")) return undefined;
      throw error;
    },
  );
  if (!file) return;
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceSize), 0, pieceSize);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Those of this process that write a file, by its path: hundreds that try for its lock would keep each other from it. */
const turns = new Map<string, SerialQueue>();

function inTurn(path: string, work: () => Promise<void>): Promise<void> {
  const queue = turns.get(path) ?? createSerialQueue();
  turns.set(path, queue);
  const done = queue.add(work);
  void queue.settled().then(() => queue.isIdle && turns.delete(path));
  return done;
}

/**
 * Reads a file, changes it and puts the result in its place in one step, while other windows and programs do the same.
 * The file is never seen half written, and no change of another writer is lost. Mode 0600, its folder 0700 when made.
 * @param change gets the bytes there are (undefined: no file) and returns those to be; undefined leaves the file alone.
 * @throws Failure `local-disk-full`; `local-file-in-use` when another program keeps it open, or keeps others from writing it, for too long.
 */
export async function updateSharedFile(
  path: string,
  change: Change,
  options: RetryOptions = {},
): Promise<void> {
  try {
    await inTurn(path, async () => {
      await makeFolder(dirname(path));
      await updateLocked(path, change, options);
    });
  } catch (error) {
    if (isDiskFull(error))
      throw new Failure<LocalFileFailure>({ code: "local-disk-full", file: path }, { cause: error });
    if (!isHeld(error)) throw error;
    throw new Failure<LocalFileFailure>({ code: "local-file-in-use", file: path }, { cause: error });
  }
}

/** Elsewhere than on Windows EPERM and EACCES say that we may not, whoever has the file open. */
function isHeld(error: unknown): boolean {
  const isRefused = process.platform === "win32" && isInUse(error);
  return error instanceof LockBusy || hasErrorCode(error, "EBUSY") || isRefused;
}

async function updateLocked(path: string, change: Change, options: RetryOptions): Promise<void> {
  const lock = await acquireLock(`${path}.lock`, { patience: lockPatience });
  try {
    for (const token of lock.predecessors) await removeFile(nameBeside(path, token), options);
    const changed = await change(await readFileIfPresent(path));
    if (changed === undefined) return;
    const beforeRename = async (): Promise<void> => {
      if (!(await lock.stillHeld())) throw new LockBusy(`${path}.lock`);
    };
    await replaceFile(path, changed, { ...options, token: lock.token, syncFolder: true, beforeRename });
  } finally {
    await lock.release();
  }
}
