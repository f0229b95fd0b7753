import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Failure } from "../failure.js";
import { decodeBytes } from "../text/bytes.js";
import type { LocalFileFailure } from "./failures.js";

/** Windows has no pipes among its files. */
const withoutWaiting = constants.O_RDONLY | (process.platform === "win32" ? 0 : constants.O_NONBLOCK);

/**
 * Opens a file for reading, and nothing else: a named pipe would keep us waiting until somebody writes into it.
 * @returns undefined for a device, such as /dev/null: it holds nothing.
 * @throws Failure `local-file-irregular`, or what the system says.
 */
export async function openRegular(path: string | Buffer): Promise<FileHandle | undefined> {
  const file = await open(path, withoutWaiting);
  try {
    const facts = await file.stat();
    // Of a folder the system says so itself, when it is read.
    if (facts.isFile() || facts.isDirectory()) return file;
    if (!facts.isCharacterDevice()) {
      const named = typeof path === "string" ? path : decodeBytes(path);
      throw new Failure<LocalFileFailure>({ code: "local-file-irregular", file: named });
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

/** The bytes of a regular file, none of a device. @throws as {@link openRegular} does. */
export async function readRegular(path: string | Buffer): Promise<Buffer> {
  const file = await openRegular(path);
  try {
    return file ? await file.readFile() : Buffer.alloc(0);
  } finally {
    await file?.close();
  }
}
