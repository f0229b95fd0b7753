import { displayText } from "../common/bytes.js";
import { Cancelled, Failure } from "../common/failure.js";
import { describeFailure } from "../messages/describeFailure.js";
import type { SshFailure } from "../ssh/failures.js";
import { exitStatus, exitStatusOf } from "./exitStatus.js";

/** Says on standard error what happened and what to do, and gives the exit status. */
export function report(error: unknown): number {
  if (error instanceof Cancelled) return exitStatus.failed;
  if (!(error instanceof Failure)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exitStatus.failed;
  }
  const detail = (error as Failure).detail;
  if (detail.code === "host-key-not-trusted") {
    process.stderr.write(`${JSON.stringify(hostKeyProblem(detail as HostKeyNotTrusted))}\n`);
  } else {
    const { message, advice } = describeFailure(detail);
    process.stderr.write(`${displayText(message)}\n${advice ? `${displayText(advice)}\n` : ""}`);
  }
  return exitStatusOf(detail);
}

type HostKeyNotTrusted = Extract<SshFailure, { code: "host-key-not-trusted" }>;

/** One line for scripts, in the field names of the REST API's 409 answer (version 0.6). */
function hostKeyProblem({ host, port, key, knownHostsName }: HostKeyNotTrusted) {
  return {
    code: "HOST_KEY_CONFIRMATION_REQUIRED",
    host_key: {
      host,
      port,
      known_hosts_host: knownHostsName,
      key_type: key.type,
      fingerprint_sha256: key.fingerprint,
      public_key: `${key.type} ${key.base64}`,
      reason: "unknown",
    },
  };
}
