import { Failure } from "../failure.js";
import { hasErrorCode } from "./errorCode.js";
import type { LocalFileFailure } from "./failures.js";

/** Whether the system refused a write because the disk, or what we may have of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return hasErrorCode(error, "ENOSPC", "EDQUOT");
}

/**
 * Such a refusal as a failure that a person is told; undefined for every other error.
 * @param file what was to be written, where the error does not name it.
 */
export function diskFullFailure(error: unknown, file = ""): Failure<LocalFileFailure> | undefined {
  if (!isDiskFull(error)) return undefined;
  const path = (error as NodeJS.ErrnoException).path ?? file;
  return new Failure<LocalFileFailure>({ code: "local-disk-full", file: path }, { cause: error });
}
