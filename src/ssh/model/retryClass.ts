import type { RetryVerdict } from "../../common/async/keepTrying.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { isSshFailure, type SshFailure } from "./failures.js";

/** Whether to retry after a failure. */
export type RetryClass =
  /** It may succeed a little later. */
  | "transient"
  /** Never retried automatically: servers ban for wrong passwords. The user may retry. */
  | "needs-person"
  /** Pointless to retry until the request or the configuration changes. */
  | "useless";

export function retryClass(failure: SshFailure): RetryClass {
  switch (failure.code) {
    case "host-not-found":
    case "connection-refused":
    case "connect-timed-out":
    case "network-unreachable":
    case "connection-lost":
    case "disconnected":
    case "hop-failed":
    case "proxy-command-failed":
    case "exec-timed-out":
    case "channel-refused":
    case "shell-ended":
      return "transient";
    case "not-an-ssh-server":
      // The login page of a network, perhaps.
      return "transient";
    case "login-timed-out":
      // Another try may make somebody's phone ring once more.
      return failure.said === "" ? "transient" : "needs-person";
    case "ssh-config-refused":
    case "host-key-not-trusted":
    case "host-key-rejected":
    case "openssh-host-key-refused":
    case "authentication-failed":
    case "too-many-failures":
    case "too-much-before-login":
    case "identity-file-unreadable":
    case "script-did-not-run":
      return "needs-person";
    case "target-invalid":
    case "name-unfit-for-command":
    case "jump-loop":
    case "no-common-algorithm":
    case "packet-too-long":
    case "connection-unknown":
    case "value-has-nul":
      return "useless";
  }
}

/** For a loop that connects again: whether and how soon, after what connecting threw. */
export function reconnectVerdict(error: unknown): RetryVerdict {
  if (error instanceof Cancelled) return "not-unasked";
  // A bug of ours may not occur again.
  if (!(error instanceof Failure)) return "later";
  // What opens places that are no hosts says itself whether another try is worth it.
  if ("retry" in error.detail && error.detail.retry === "later") return "later";
  if (retryClass(error.detail as SshFailure) !== "transient") return "not-unasked";
  // Failed immediately and without load on the host: no need to back off.
  const reachedNobody = isSshFailure(error, "connection-refused", "network-unreachable", "host-not-found");
  return reachedNobody ? "soon" : "later";
}
