import { constants } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { hasErrorCode } from "../../common/files/errorCode.js";
import { Failure } from "../../common/failure.js";
import type { LocalFile } from "../cache/localFile.js";
import type { CacheFolder } from "../cache/cacheFolder.js";
import type { SyncFailure } from "../failures.js";
import { foldersAbove } from "../pass/scan.js";
import { isSafePath } from "../remote/listing.js";

/** The runs are often a link to a larger disk: it alone is followed, as in a listing. */
const linked = "runs";

/**
 * A file of a root of this machine, where it lies. Whoever opens it makes sure that it is a regular one still.
 * @param path relative to the root. @param host names this machine in a failure.
 * @throws Failure `sync-file-missing` where there is none that a listing would tell of, `sync-file-not-readable`
 */
export async function fileInPlace(files: CacheFolder, path: string, host: string): Promise<LocalFile> {
  const missing = new Failure<SyncFailure>({ code: "sync-file-missing", path, host });
  if (!isSafePath(path)) throw missing;
  const file = files.bytesOf(path);
  try {
    const isListed = (await lstat(file)).isFile() && (await areFolders(files, foldersAbove(path)));
    if (!isListed) throw missing;
    await access(file, constants.R_OK);
  } catch (error) {
    if (!hasErrorCode(error, "EACCES", "EPERM")) throw missing;
    throw new Failure<SyncFailure>({ code: "sync-file-not-readable", path, host }, { cause: error });
  }
  return { path: file, place: files.placeOf(path), fresh: true };
}

/** Whether no link leads elsewhere. */
async function areFolders(files: CacheFolder, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    if (path !== linked && !(await lstat(files.bytesOf(path))).isDirectory()) return false;
  }
  return true;
}
