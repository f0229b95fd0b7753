import { close, constants, fstat, open } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";
import { timeLimit } from "../async/timeLimit.js";
import { Failure } from "../failure.js";
import type { LocalFileFailure } from "./failures.js";
import { readOwnFile, requireOurs } from "./ownFiles.js";

/** Bytes that are read of a pipe. */
const most = 64 * 1024;
/** Milliseconds in which it has to end: who writes into it may ask a person something first. */
const longest = 60_000;

/**
 * The bytes of a file that a person names by hand, with a secret in it. It may be a pipe of ours, as `<(command)` and
 * `/dev/stdin` are.
 * @param limit milliseconds for a pipe.
 * @throws Failure with a `LocalFileFailure` as {@link readOwnFile} does, `local-file-irregular` also where a pipe does not end
 * or holds more than a secret; what the system says.
 */
export async function readOwnSecret(path: string, limit = longest): Promise<Buffer> {
  const pipe = await openPipe(path);
  return pipe === undefined ? readOwnFile(path) : readPipe(pipe, path, limit);
}

/** @returns the descriptor of a pipe that is ours; undefined for anything else. */
async function openPipe(path: string): Promise<number | undefined> {
  // Windows has no pipes among its files.
  if (process.platform === "win32") return undefined;
  // A named pipe into which nobody writes keeps nobody waiting so.
  const descriptor = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let isOpen = true;
  try {
    const facts = await promisify(fstat)(descriptor);
    if (!facts.isFIFO()) return undefined;
    await requireOurs(path, facts);
    isOpen = false;
    return descriptor;
  } finally {
    if (isOpen) await promisify(close)(descriptor);
  }
}

async function readPipe(descriptor: number, path: string, limit: number): Promise<Buffer> {
  const irregular = (): Failure =>
    new Failure<LocalFileFailure>({ code: "local-file-irregular", file: path });
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  const over = timeLimit(limit);
  const stop = (): unknown => pipe.destroy(irregular());
  over.addEventListener("abort", stop);
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of pipe as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > most) throw irregular();
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } finally {
    over.removeEventListener("abort", stop);
    pipe.destroy();
  }
}
