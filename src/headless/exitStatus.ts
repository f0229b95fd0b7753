import { constants } from "node:os";
import type { FailureDetail } from "../common/failure.js";
import type { SshFailure } from "../ssh/model/failures.js";

export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  hostKeyNotTrusted: 3,
  authenticationFailed: 4,
  /** 128 + SIGPIPE, as in a shell. */
  readerGone: 141,
} as const;

/** Returns 128 + the signal's number, as a shell does. */
export function interruptedBy(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** The exit status that scripts rely on; listed in the program's help. */
export function exitStatusOf({ code }: FailureDetail): number {
  return byCode.get(code) ?? exitStatus.failed;
}

const byCode: ReadonlyMap<string, number> = new Map<SshFailure["code"], number>([
  ["host-key-not-trusted", exitStatus.hostKeyNotTrusted],
  ["authentication-failed", exitStatus.authenticationFailed],
  ["target-invalid", exitStatus.usage],
  ["name-unfit-for-command", exitStatus.usage],
]);
