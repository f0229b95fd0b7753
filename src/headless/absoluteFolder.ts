import { resolve } from "node:path";
import { errorCodeOf } from "../common/files/errorCode.js";
import type { LocalFileFailure } from "../common/files/failures.js";
import { Failure } from "../common/failure.js";

/**
 * The absolute path of a folder that was given on the command line.
 * @throws Failure `data-folder-unusable` if it is relative to a current folder that was removed.
 */
export function absoluteFolder(folder: string): string {
  try {
    return resolve(folder);
  } catch (error) {
    const reason = errorCodeOf(error) ?? String(error);
    throw new Failure<LocalFileFailure>(
      { code: "data-folder-unusable", file: folder, reason },
      { cause: error },
    );
  }
}
