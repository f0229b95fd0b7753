import { type FileHandle, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Says of an opened file whether it lies in a root, whatever links its path went through by then: a link may take the place of
 * a folder between two listings.
 * @param root absolute path. Its `runs` may be a link to another disk, as in a listing.
 */
export function createWithinRoot(
  root: string,
): (opened: FileHandle, path: string | Buffer) => Promise<boolean> {
  let folders: Promise<readonly Buffer[]> | undefined;
  const look = async (): Promise<readonly Buffer[]> => {
    const found = await Promise.allSettled([root, join(root, "runs")].map(realOf));
    return found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  };
  const isIn = async (real: Buffer): Promise<boolean> => {
    folders ??= look();
    return (await folders).some((folder) => isBelow(real, folder));
  };
  return async (opened, path) => {
    const real = await realPathOf(opened, path);
    if (real === undefined) return false;
    if (await isIn(real)) return true;
    // The runs may have been moved to another disk meanwhile.
    folders = undefined;
    return isIn(real);
  };
}

const realOf = (path: string | Buffer): Promise<Buffer> => realpath(path, { encoding: "buffer" });

/** Where an opened file really lies; undefined where another one is in its place by now. */
async function realPathOf(opened: FileHandle, path: string | Buffer): Promise<Buffer | undefined> {
  if (process.platform === "linux") return readlink(`/proc/self/fd/${opened.fd}`, { encoding: "buffer" });
  const real = await realOf(path);
  const [one, other] = await Promise.all([opened.stat(), stat(real)]);
  return one.dev === other.dev && one.ino === other.ino ? real : undefined;
}

function isBelow(path: Buffer, folder: Buffer): boolean {
  const separator = process.platform === "win32" ? "\\" : "/";
  const within =
    folder.at(-1) === separator.charCodeAt(0) ? folder : Buffer.from([...folder, separator.charCodeAt(0)]);
  return path.subarray(0, within.length).equals(within);
}
