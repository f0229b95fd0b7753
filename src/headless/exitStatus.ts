import type { FailureDetail } from "../common/failure.js";

export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  hostKeyNotTrusted: 3,
  authenticationFailed: 4,
} as const;

/** The exit status that scripts rely on; listed in the program's help. */
export function exitStatusOf(failure: FailureDetail): number {
  switch (failure.code) {
    case "host-key-not-trusted":
      return exitStatus.hostKeyNotTrusted;
    case "authentication-failed":
      return exitStatus.authenticationFailed;
    case "target-invalid":
      return exitStatus.usage;
    default:
      return exitStatus.failed;
  }
}
