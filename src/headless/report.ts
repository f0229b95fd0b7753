import * as l10n from "@vscode/l10n";
import { displayLines, displayText } from "../common/text/displayText.js";
import { asciiJson } from "../common/text/json.js";
import { diskFullFailure } from "../common/files/diskFull.js";
import { Cancelled, Failure } from "../common/failure.js";
import { describeFailure } from "../messages/describeFailure.js";
import { linesBelow } from "../messages/lastLines.js";
import { isSshFailure, type SshFailure } from "../ssh/model/failures.js";
import { exitStatus, exitStatusOf } from "./exitStatus.js";

/** Prints an error with its advice on standard error. @returns the exit status. */
export function report(cause: unknown): number {
  const error = diskFullFailure(cause) ?? cause;
  if (error instanceof Cancelled) return exitStatus.failed;
  if (!(error instanceof Failure)) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${displayLines(said)}\n`);
    return exitStatus.failed;
  }
  if (isSshFailure(error, "host-key-not-trusted")) {
    process.stderr.write(`${asciiJson(hostKeyProblem(error.detail))}\n`);
  } else {
    const failed = describeFailure(error.detail);
    const said = linesBelow(failed).map((line) => `  | ${line}`);
    const lines = [displayText(failed.message), displayText(failed.advice), ...said].filter(Boolean);
    process.stderr.write(`${lines.join("\n")}\n`);
  }
  if (isSshFailure(error, "host-key-rejected") && error.detail.verdict.kind === "changed")
    process.stderr.write(
      `${l10n.t("To compare and replace it here: known-hosts replace HOST; where both are right: known-hosts add HOST")}\n`,
    );
  return exitStatusOf(error.detail);
}

type HostKeyNotTrusted = Extract<SshFailure, { code: "host-key-not-trusted" }>;

/** One line for scripts, with the field names of the REST API's 409 response (version 0.6). */
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
