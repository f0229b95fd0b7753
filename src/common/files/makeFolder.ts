import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { hasErrorCode } from "./errorCode.js";

/**
 * Creates a folder (mode 0700), and those above it that are missing; does nothing if it exists. Unlike `mkdir` with
 * `recursive`, it ends where a file system refuses new folders with ENOENT, as an automounter and /proc do: Node retries
 * that for ever.
 * @throws what the system says.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT") || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!(await isFolder(path))) throw error;
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
