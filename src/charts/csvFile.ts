import { randomBytes } from "node:crypto";
import { closeSync, openSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { nameBeside, renameOver } from "../common/files/replaceFile.js";

/**
 * Writes a file atomically: half of the values would look like all of them.
 * @param path if it is a symbolic link, its target is replaced.
 * @param fill writes the content piece by piece. Its errors are passed on.
 * @returns the result of `fill`.
 */
export async function writeCsvFile<T>(
  path: string,
  fill: (write: (text: string) => void) => Promise<T>,
): Promise<T> {
  const target = realPathOf(path);
  const fresh = nameBeside(target, randomBytes(6).toString("hex"));
  const file = openSync(fresh, "wx");
  try {
    let result: T;
    try {
      // Unlike `writeSync`, it writes all of the text or throws.
      result = await fill((text) => writeFileSync(file, text));
    } finally {
      closeSync(file);
    }
    await renameOver(fresh, target);
    return result;
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
