import { Failure } from "../common/failure.js";
import type { SshFailure } from "../ssh/model/failures.js";
import type { StepId } from "./report.js";

const stepOf: Partial<Record<SshFailure["code"], StepId>> = {
  "ssh-config-refused": "name",
  "jump-loop": "name",
  "name-unfit-for-command": "name",
  "host-not-found": "name",
  "connection-refused": "tcp",
  "connect-timed-out": "tcp",
  "network-unreachable": "tcp",
  "hop-failed": "tcp",
  "proxy-command-failed": "tcp",
  "not-an-ssh-server": "banner",
  "no-common-algorithm": "key-exchange",
  "host-key-not-trusted": "host-key",
  "host-key-rejected": "host-key",
  "openssh-host-key-refused": "host-key",
  "authentication-failed": "login",
  "too-many-failures": "login",
  "too-much-before-login": "login",
  "login-timed-out": "login",
  "identity-file-unreadable": "login",
};

/** The step that a failed connect stands for; undefined where that depends on when it failed. */
export function stepOfFailure(error: unknown): StepId | undefined {
  return error instanceof Failure ? stepOf[error.detail.code as SshFailure["code"]] : undefined;
}
