import { Failure } from "../../common/failure.js";
import { hasErrorCode } from "../../common/files/errorCode.js";
import type { NotStoredReason, SyncFailure } from "../failures.js";

/**
 * What the file system of this machine says of one file or folder alone, and what it means. Everything else (ENOSPC,
 * EDQUOT, EROFS, EIO, EMFILE, …) is said of all of them.
 */
const reasons: readonly (readonly [NotStoredReason, ...string[]])[] = [
  ["in-use", "EBUSY", "ETXTBSY"],
  ["name-too-long", "ENAMETOOLONG"],
  ["name-not-allowed", "EILSEQ", "EINVAL"],
  ["in-the-way", "ENOTDIR", "EISDIR", "ENOTEMPTY", "EEXIST", "ELOOP"],
  ["too-large", "EFBIG"],
];

/**
 * Why one file or folder of the copy cannot be had, where the others are not concerned.
 * @param platform on Windows a file that another program has open is refused like one that we may not touch.
 */
export function notStoredReason(
  error: unknown,
  platform: NodeJS.Platform = process.platform,
): NotStoredReason | undefined {
  if (hasErrorCode(error, "EPERM", "EACCES")) return platform === "win32" ? "in-use" : "not-permitted";
  return reasons.find(([, ...codes]) => hasErrorCode(error, ...codes))?.[0];
}

/**
 * Does something to one file or folder of the copy.
 * @param path the host's. @param file the local one, for people.
 * @throws Failure `sync-entry-not-stored` for what concerns it alone; any other error as it is.
 */
export async function forEntry<T>(path: string, file: () => string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = notStoredReason(error);
    if (!reason) throw error;
    const detail: SyncFailure = { code: "sync-entry-not-stored", path, file: file(), reason };
    throw new Failure(detail, { cause: error });
  }
}
