import * as l10n from "@vscode/l10n";
import type { ServerFailure } from "../api/serverFailure.js";
import type { FailureDetail } from "../common/failure.js";
import type { EnvironmentFailure } from "../environments/environment.js";
import type { FilesFailure } from "../files/filesFailure.js";
import type { SshFailure } from "../ssh/failures.js";
import type { SyncFailure } from "../sync/remoteFiles.js";
import type { TunnelFailure } from "../tunnel/tunnel.js";
import type { ViewerFailure } from "../viewer/session.js";
import type { RelayFailure } from "../relay/failures.js";
import { describeRelayFailure, isRelayFailure } from "./describeRelayFailure.js";
import { describeSshFailure } from "./describeSshFailure.js";
import { describeSyncFailure } from "./describeSyncFailure.js";
import { type FailureWords, quoted, words } from "./failureWords.js";

/** Every failure that a person can meet. */
export type AnyFailure =
  | SshFailure
  | TunnelFailure
  | EnvironmentFailure
  | ViewerFailure
  | SyncFailure
  | FilesFailure
  | RelayFailure
  | ServerFailure;

/** The words for a failure, in the reader's language. A code from a later version gets general words. */
export function describeFailure(detail: FailureDetail): FailureWords {
  return describe(detail as AnyFailure) ?? unknownFailure(detail);
}

function describe(failure: AnyFailure): FailureWords | undefined {
  if (isRelayFailure(failure)) return describeRelayFailure(failure);
  switch (failure.code) {
    case "local-port-taken":
      return words(
        l10n.t("Port {0} on this machine is already in use.", failure.port),
        l10n.t("Close what uses it, or let Runicorn Remote choose a free port."),
        { action: "retry" },
      );
    case "forwarding-refused":
      return words(
        l10n.t("{0} does not allow port forwarding.", quoted(failure.host)),
        l10n.t("Ask its administrator to allow it (AllowTcpForwarding in sshd_config)."),
        { output: failure.reason },
      );
    case "tunnel-host-key-refused":
      return words(
        l10n.t("OpenSSH does not trust the host key of {0}, so no tunnel was opened.", quoted(failure.host)),
        l10n.t("What it said is in the log. Compare the known_hosts files with the key of the host."),
        { action: "show-known-hosts", output: failure.output },
      );
    case "tunnel-not-possible":
      return words(
        l10n.t("No tunnel to {0} could be opened: {1}", quoted(failure.host), quoted(failure.reason)),
        l10n.t('Allow "in-process" in the setting runicorn.tunnel.backends.'),
        { action: "retry" },
      );
    case "environment-probe-failed":
      return words(
        l10n.t("The Python environments of {0} could not be listed.", quoted(failure.host)),
        l10n.t("The log holds what the host said."),
        { action: "show-log", output: failure.output },
      );
    case "runicorn-install-failed":
      return words(
        l10n.t("Runicorn could not be installed in {0}.", quoted(failure.environment)),
        l10n.t("The output of pip says why. Choose another environment, or install it in a terminal."),
        { action: "show-output", output: failure.output },
      );
    case "environment-not-found":
      return words(
        l10n.t("{0} has no Python environment {1}.", quoted(failure.host), quoted(failure.environment)),
        l10n.t("List the environments to see their names."),
        { action: "choose-environment" },
      );
    case "no-environment-with-runicorn":
      return words(
        l10n.t("Runicorn is not installed in any Python environment of {0}.", quoted(failure.host)),
        l10n.t("Install it with pip in one of them."),
        { action: "choose-environment" },
      );
    case "storage-root-not-given":
      return words(
        l10n.t("Runicorn on {0} has no storage root configured.", quoted(failure.host)),
        l10n.t("Say which folder holds the runs."),
        { action: "choose-root" },
      );
    case "storage-root-missing":
      return words(
        l10n.t("The folder {0} does not exist on the host.", quoted(failure.root)),
        l10n.t("Nothing was created. Check the path, or create the folder."),
        { action: "create-root" },
      );
    case "storage-root-not-folder":
      return words(
        l10n.t("{0} is not a folder.", quoted(failure.root)),
        l10n.t("Choose the folder that holds the runs."),
        { action: "choose-root" },
      );
    case "storage-root-not-accessible":
      return words(
        l10n.t("The folder {0} cannot be opened: {1}", quoted(failure.root), quoted(failure.reason)),
        l10n.t("Choose a folder that you may read on the host."),
        { action: "choose-root" },
      );
    case "storage-root-invalid":
      return words(
        invalidRoot(failure.reason),
        l10n.t("Give an absolute path, or one that starts with ~/."),
        {
          action: "choose-root",
        },
      );
    case "remote-port-taken":
      return words(
        l10n.t("Port {0} on the host is already in use.", failure.port),
        l10n.t("Close what uses it, or let Runicorn Remote choose a free port."),
        { action: "retry" },
      );
    case "runicorn-missing":
      return words(
        l10n.t("Runicorn is not installed in {0}.", quoted(failure.environment)),
        l10n.t("Install it there, or choose another environment."),
        { action: "install-runicorn" },
      );
    case "environment-broken":
      return words(
        l10n.t("The Python of {0} does not run.", quoted(failure.environment)),
        l10n.t("Choose another environment, or mend this one on the host."),
        { action: "choose-environment", output: failure.output },
      );
    case "viewer-exited":
      return words(
        failure.exitCode === undefined
          ? l10n.t("The viewer has ended.")
          : l10n.t("The viewer has ended with exit status {0}.", failure.exitCode),
        l10n.t("The end of its log says why."),
        { action: "restart", output: failure.log },
      );
    case "not-connected-yet":
      return words(
        l10n.t("The viewer was left running when this window was closed."),
        l10n.t("Its host is being reached again."),
        { action: "retry" },
      );
    case "viewer-unknown":
      return words(
        l10n.t("There is no viewer session {0}.", quoted(failure.id)),
        l10n.t("It may have been stopped meanwhile."),
      );
    case "viewer-lease-ended":
      return words(
        l10n.t("The viewer on {0} was ended.", quoted(failure.host)),
        l10n.t(
          "Nothing was heard from this machine for {0} minutes. Restart it to go on.",
          minutes(failure.seconds),
        ),
        { action: "restart" },
      );
    case "viewer-not-ready":
      return words(
        l10n.t("The viewer did not answer within {0} seconds.", failure.seconds),
        l10n.t("The host may be busy. Its log may say more."),
        { action: "retry", output: failure.log },
      );
    case "viewer-launch-failed":
      return words(
        l10n.t("The viewer could not be started on {0}: {1}", quoted(failure.host), quoted(failure.output)),
        l10n.t("Check the free space and the permissions of your home folder there."),
        { action: "retry", output: failure.output },
      );
    case "viewer-stop-failed":
      return words(
        l10n.t("The viewer on {0} could not be stopped: {1}", quoted(failure.host), quoted(failure.reason)),
        l10n.t("Try again, or end process {0} on the host.", failure.pid),
        { action: "retry" },
      );
    case "sync-root-missing":
    case "sync-root-not-folder":
    case "sync-root-not-accessible":
    case "sync-helper-failed":
    case "sync-no-space":
    case "sync-file-missing":
    case "sync-file-not-readable":
    case "sync-not-known":
    case "sync-offline":
      return describeSyncFailure(failure);
    case "api-port-taken":
      return words(
        l10n.t("Port {0} on this machine is already in use.", failure.port),
        l10n.t("Runicorn itself or another window may serve its API there. Choose another port."),
        { action: "retry" },
      );
    case "token-file-unusable":
      return words(
        l10n.t("The token in {0} cannot be used: {1}", quoted(failure.file), quoted(failure.reason)),
        l10n.t("Put at least 16 characters on one line of that file."),
      );
    case "sftp-unavailable":
      return words(
        l10n.t("{0} does not offer SFTP: {1}", quoted(failure.host), quoted(failure.reason)),
        l10n.t("Ask its administrator to turn on the sftp subsystem of sshd."),
      );
    case "path-missing":
      return words(
        l10n.t("{0} does not exist on {1}.", quoted(failure.path), quoted(failure.host)),
        l10n.t("Check the path."),
      );
    case "path-not-permitted":
      return words(
        l10n.t("You may not read {0} on {1}.", quoted(failure.path), quoted(failure.host)),
        l10n.t("Choose a folder that you may read on the host."),
      );
    case "path-not-folder":
      return words(l10n.t("{0} is not a folder.", quoted(failure.path)), l10n.t("Check the path."));
    case "path-invalid":
      return words(
        l10n.t("{0} cannot be a path.", quoted(failure.path)),
        l10n.t("Give an absolute path, or one that starts with ~/."),
      );
    case "files-timed-out":
      return words(
        l10n.t("{0} did not list the folder within {1} seconds.", quoted(failure.host), failure.seconds),
        l10n.t("The host may be busy, or a network disk of it does not answer."),
        { action: "retry" },
      );
    default:
      return describeSshFailure(failure);
  }
}

/** Whole minutes where there are any. */
function minutes(seconds: number): number {
  return seconds < 60 ? Math.round(seconds / 6) / 10 : Math.round(seconds / 60);
}

function invalidRoot(reason: "nul" | "relative" | "too-long"): string {
  switch (reason) {
    case "nul":
      return l10n.t("A path cannot hold a NUL character.");
    case "relative":
      return l10n.t("The path is not absolute.");
    case "too-long":
      return l10n.t("The path is too long.");
  }
}

function unknownFailure({ code }: FailureDetail): FailureWords {
  return words(l10n.t("Something failed: {0}", code), l10n.t("The log may say more."), {
    action: "show-log",
  });
}
