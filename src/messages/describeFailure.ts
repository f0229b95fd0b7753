import * as l10n from "@vscode/l10n";
import type { FailureDetail } from "../common/failure.js";
import { tellingLine } from "../common/text/tellingLine.js";
import type { LocalFileFailure } from "../common/files/failures.js";
import type { EnvironmentFailure } from "../environments/failures.js";
import type { FilesFailure } from "../files/failures.js";
import type { SlurmFailure } from "../slurm/model/failures.js";
import type { SshFailure } from "../ssh/model/failures.js";
import type { SyncFailure } from "../sync/failures.js";
import type { TunnelFailure } from "../tunnel/failures.js";
import type { ViewerFailure } from "../viewer/failures.js";
import type { RelayFailure } from "../relay/protocol/failures.js";
import { describeEnvironmentFailure } from "./describeEnvironmentFailure.js";
import { describeLocalFailure, type ServerFailure } from "./describeLocalFailure.js";
import { describeRelayFailure } from "./describeRelayFailure.js";
import { describeSlurmFailure } from "./slurm/describeSlurmFailure.js";
import { describeSshFailure } from "./describeSshFailure.js";
import { describeSyncFailure } from "./describeSyncFailure.js";
import { type FailureWords, quoted, words } from "./failureWords.js";
import { hostName } from "./hostName.js";
import { invalidRoot, minutes, placesWithReasons } from "./viewerWords.js";

/** All failures that the user may see. */
export type AnyFailure =
  | LocalFileFailure
  | SshFailure
  | TunnelFailure
  | EnvironmentFailure
  | ViewerFailure
  | SyncFailure
  | FilesFailure
  | RelayFailure
  | SlurmFailure
  | ServerFailure;

/**
 * Describes a failure in the display language. Never throws: an unknown code, as from a newer version, and a failure with
 * missing facts get a general text.
 */
export function describeFailure(detail: FailureDetail): FailureWords {
  try {
    return describe(detail as AnyFailure) ?? unknownFailure(detail);
  } catch {
    return unknownFailure(detail);
  }
}

// eslint-disable-next-line max-lines-per-function -- one case for each code, which the compiler counts
function describe(failure: AnyFailure): FailureWords | undefined {
  if (isOfRelay(failure)) return describeRelayFailure(failure);
  switch (failure.code) {
    case "local-file-in-use":
    case "local-disk-full":
    case "local-file-irregular":
    case "local-file-of-another":
    case "local-file-open-to-others":
    case "local-file-exposed":
    case "data-folder-unusable":
    case "api-port-taken":
    case "token-file-unusable":
      return describeLocalFailure(failure);
    case "local-port-taken":
      return words(
        l10n.t("Port {0} on this machine is already in use.", failure.port),
        l10n.t("Close what uses it, or let Runicorn Remote choose a free port."),
        { action: "retry" },
      );
    case "forwarding-refused":
      return words(
        [
          l10n.t("{0} does not allow port forwarding.", hostName(failure.host)),
          ...(failure.instead ? [describeFailure(failure.instead).message] : []),
        ].join(" "),
        l10n.t(
          "Look at the line of your key in ~/.ssh/authorized_keys there: restrict, no-port-forwarding and permitopen forbid it. Else ask its administrator about AllowTcpForwarding and PermitOpen in sshd_config.",
        ),
        { output: failure.reason },
      );
    case "stream-relay-impossible":
      return words(
        failure.version === undefined
          ? l10n.t(
              "{0} has no Python that could open streams in place of its SSH server.",
              hostName(failure.host),
            )
          : l10n.t(
              "The Python of {0}, version {1}, cannot open streams in place of its SSH server.",
              hostName(failure.host),
              quoted(failure.version),
            ),
        l10n.t("Python 3.6 or newer is needed there, or an SSH server that allows port forwarding."),
      );
    case "stream-relay-failed":
      return words(
        l10n.t(
          "The program that opens streams on {0} failed: {1}",
          hostName(failure.host),
          quoted(tellingLine(failure.output)),
        ),
        l10n.t("Try again; the log may say more."),
        { action: "retry", output: failure.output },
      );
    case "address-refused":
      return words(
        l10n.t(
          "{0} opens no stream to {1}: {2}",
          hostName(failure.host),
          quoted(failure.address),
          quoted(failure.reason),
        ),
        l10n.t("What should listen there may have ended, or belong to another account."),
        { action: "retry" },
      );
    case "tunnel-host-key-refused":
      return words(
        l10n.t(
          "OpenSSH does not trust the host key of {0}, so no tunnel was opened.",
          hostName(failure.host),
        ),
        l10n.t("What it said is in the log. Compare the known_hosts files with the key of the host."),
        { action: "show-known-hosts", output: failure.output },
      );
    case "tunnel-not-possible":
      return words(
        l10n.t("No tunnel to {0} could be opened: {1}", hostName(failure.host), quoted(failure.reason)),
        l10n.t('Allow "in-process" in the setting runicorn.tunnel.backends.'),
        { action: "retry" },
      );
    case "environment-probe-failed":
    case "runicorn-install-failed":
    case "environment-not-found":
    case "no-environment-with-runicorn":
    case "lines-failed":
    case "local-pip-missing":
    case "packages-not-fetched":
    case "packages-too-large":
    case "environment-broken":
      return describeEnvironmentFailure(failure);
    case "storage-root-not-given":
      return words(
        l10n.t("Runicorn on {0} has no storage root configured.", hostName(failure.host)),
        l10n.t("Say with --root which folder holds the runs."),
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
    case "remote-port-not-allowed":
      return words(
        l10n.t("Viewers on {0} may not listen on port {1}.", hostName(failure.host), failure.port),
        l10n.t(
          "Let it listen on a socket, or allow ports of that host with runicorn.viewer.allowPortOn or --allow-port-on: every account there can then read the runs, and delete them.",
        ),
      );
    case "runicorn-missing":
      return words(
        l10n.t("Runicorn is not installed in {0}.", quoted(failure.environment)),
        l10n.t("Install it there, or choose another environment."),
        { action: "install-runicorn" },
      );
    case "viewer-exited":
      return words(howItEnded(failure.exitCode), whyItEnded(failure), {
        action: "restart",
        output: failure.log,
      });
    case "not-connected-yet":
      return words(
        l10n.t("The viewer was left running when this window was closed."),
        l10n.t("Its host is being reconnected to."),
        { action: "retry" },
      );
    case "viewer-unknown":
      return words(
        l10n.t("There is no viewer session {0}.", quoted(failure.id)),
        l10n.t("It may have been stopped meanwhile."),
      );
    case "viewer-port-lost":
      return words(
        failure.port === undefined
          ? l10n.t("The viewer on {0} does not listen on its socket any more.", hostName(failure.host))
          : l10n.t(
              "The viewer on {0} does not listen on port {1} any more.",
              hostName(failure.host),
              failure.port,
            ),
        l10n.t("Another program may answer there, so the tunnel was closed. Restart the viewer to go on."),
        { action: "restart" },
      );
    case "viewer-lease-ended":
      return words(
        l10n.t("The viewer on {0} was ended.", hostName(failure.host)),
        l10n.t(
          "It shut down because this computer was out of reach for {0} minutes. Its runs are not touched.",
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
    case "viewer-on-another-machine":
      return words(
        l10n.t(
          "The viewer is on the machine {0}, and {1} leads to another machine now.",
          quoted(failure.machine),
          hostName(failure.host),
        ),
        l10n.t("Connect to that machine by a name of its own."),
      );
    case "no-folder-on-host":
      return words(
        l10n.t(
          "{0} has no folder for what a viewer needs beside itself: {1}",
          hostName(failure.host),
          placesWithReasons(failure.places),
        ),
        l10n.t(
          "Make room there, or have a start-up file of the host set XDG_CACHE_HOME to a folder that only you can write into.",
        ),
        { action: "retry" },
      );
    case "no-folder-for-socket":
      return words(
        l10n.t(
          "{0} has no folder for the socket that a viewer listens on: {1}",
          hostName(failure.host),
          placesWithReasons(failure.places),
        ),
        l10n.t("Make room there; a home folder cannot take its place."),
        { action: "retry" },
      );
    case "viewer-launch-failed":
      return words(
        l10n.t("The viewer could not be started on {0}: {1}", hostName(failure.host), quoted(failure.output)),
        l10n.t("Check the free space and the permissions of your home folder there."),
        { action: "retry", output: failure.output },
      );
    case "viewer-stop-unconfirmed":
      return words(
        l10n.t(
          "It could not be confirmed that the viewer on {0} was stopped. {1}",
          hostName(failure.host),
          describeFailure(failure.cause).message,
        ),
        failure.graceSeconds === undefined
          ? l10n.t("It is stopped as soon as you connect to that host again.")
          : l10n.t(
              "It is stopped as soon as you connect to that host again, and ends by itself within {0} minutes.",
              minutes(failure.graceSeconds),
            ),
        { action: "retry" },
      );
    case "viewer-stop-failed":
      return words(
        l10n.t("The viewer on {0} could not be stopped: {1}", hostName(failure.host), quoted(failure.reason)),
        l10n.t("Try again, or end process {0} on the host.", failure.pid),
        { action: "retry" },
      );
    case "sync-root-missing":
    case "sync-root-not-folder":
    case "sync-root-is-system":
    case "sync-root-too-large":
    case "sync-root-not-accessible":
    case "sync-helper-failed":
    case "sync-no-space":
    case "sync-entry-not-stored":
    case "sync-much-gone":
    case "sync-file-missing":
    case "sync-file-not-readable":
    case "sync-record-unreadable":
    case "sync-not-known":
    case "sync-offline":
      return describeSyncFailure(failure);
    case "sftp-unavailable":
      return words(
        l10n.t("{0} does not offer SFTP: {1}", hostName(failure.host), quoted(failure.reason)),
        /subsystem/i.test(failure.reason)
          ? l10n.t("Ask its administrator to turn on the sftp subsystem of sshd.")
          : l10n.t(
              "Its sftp subsystem may be off, or a start-up file, a forced command or an expired password stands in the way: log in with ssh in a terminal to see.",
            ),
      );
    case "path-missing":
      return words(
        l10n.t("{0} does not exist on {1}.", quoted(failure.path), hostName(failure.host)),
        l10n.t("Check the path."),
      );
    case "path-not-permitted":
      return words(
        l10n.t("You may not read {0} on {1}.", quoted(failure.path), hostName(failure.host)),
        l10n.t("Choose a folder that you may read on the host."),
      );
    case "path-not-folder":
      return words(l10n.t("{0} is not a folder.", quoted(failure.path)), l10n.t("Check the path."));
    case "folder-too-large":
      return words(
        l10n.t("{0} on {1} holds too much to be listed.", quoted(failure.path), hostName(failure.host)),
        l10n.t("Write the path of what you look for. At most {0} entries are listed.", failure.most),
      );
    case "path-invalid":
      return words(
        l10n.t("{0} cannot be a path.", quoted(failure.path)),
        l10n.t("Give an absolute path, or one that starts with ~/."),
      );
    case "files-timed-out":
      return words(
        l10n.t("{0} did not list the folder within {1} seconds.", hostName(failure.host), failure.seconds),
        l10n.t("The host may be busy, or a network disk of it does not answer."),
        { action: "retry" },
      );
    case "job-request-invalid":
    case "job-option-not-allowed":
    case "slurm-missing":
    case "job-refused":
    case "slurm-silent":
    case "slurm-failed":
    case "job-unknown":
    case "job-queued":
    case "job-stuck":
    case "job-ended":
    case "job-not-ended":
    case "job-not-reached":
      return describeSlurmFailure(failure);
    default:
      return describeSshFailure(failure);
  }
}

/** Fails to compile if a code of the relay lacks the prefix, or another room's code has it. */
function isOfRelay(failure: AnyFailure): failure is Extract<AnyFailure, { code: `relay-${string}` }> {
  return failure.code.startsWith("relay-");
}

function unknownFailure({ code }: FailureDetail): FailureWords {
  return words(l10n.t("Something failed: {0}", code), l10n.t("The log may say more."), {
    action: "show-log",
  });
}

const sigkill = 9;

/** @param exitCode negative: minus the number of the signal, as in Python's `returncode`. */
function howItEnded(exitCode: number | undefined): string {
  if (exitCode === undefined) return l10n.t("The viewer has ended.");
  if (exitCode >= 0) return l10n.t("The viewer has ended with exit status {0}.", exitCode);
  return l10n.t("The viewer was ended by signal {0}.", -exitCode);
}

function whyItEnded({ exitCode, log }: Extract<ViewerFailure, { code: "viewer-exited" }>): string {
  if (exitCode === -sigkill) return l10n.t("Something on the host killed it, often because memory ran out.");
  return log.trim() === ""
    ? l10n.t("It wrote nothing into its log.")
    : l10n.t("The end of its log may say why.");
}
