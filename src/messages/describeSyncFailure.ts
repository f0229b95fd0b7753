import * as l10n from "@vscode/l10n";
import type { SyncFailure } from "../sync/remoteFiles.js";
import { type FailureWords, quoted, words } from "./failureWords.js";

/** The words for every way in which copying runs fails. */
export function describeSyncFailure(failure: SyncFailure): FailureWords {
  switch (failure.code) {
    case "sync-root-missing":
      return words(
        l10n.t("The folder {0} does not exist on {1}.", quoted(failure.root), quoted(failure.host)),
        l10n.t("What was copied before is kept. Check the path, or whether a disk is not mounted there."),
        { action: "retry" },
      );
    case "sync-root-not-folder":
      return words(
        l10n.t("{0} is not a folder.", quoted(failure.root)),
        l10n.t("Choose the folder that holds the runs."),
        { action: "choose-root" },
      );
    case "sync-root-not-accessible":
      return words(
        l10n.t("The folder {0} cannot be opened: {1}", quoted(failure.root), quoted(failure.reason)),
        l10n.t("Choose a folder that you may read on the host."),
        { action: "choose-root" },
      );
    case "sync-helper-failed":
      return words(
        l10n.t("Listing the files of {0} failed.", quoted(failure.host)),
        l10n.t("The log may say more."),
        { action: "show-log", output: failure.output },
      );
    case "sync-no-space":
      return words(
        l10n.t(
          "Too little room on this machine: {0} MiB are needed, {1} MiB are free.",
          mebibytes(failure.needed),
          mebibytes(failure.free),
        ),
        l10n.t("Make room, or synchronize in smart mode, which copies less."),
        { action: "retry" },
      );
    case "sync-file-missing":
      return words(
        l10n.t("{0} is no longer on {1}.", quoted(failure.path), quoted(failure.host)),
        l10n.t("Refresh the list of runs."),
      );
    case "sync-file-not-readable":
      return words(
        l10n.t("{0} could not be read on {1}.", quoted(failure.path), quoted(failure.host)),
        l10n.t("Check its permissions, and whether it is being rewritten all the time."),
        { action: "retry" },
      );
    case "sync-not-known":
      return words(
        l10n.t("These runs are not on this machine."),
        l10n.t("Synchronize the host's storage root again."),
      );
    case "sync-offline":
      return words(
        l10n.t("{0} is not connected.", quoted(failure.host)),
        l10n.t("Connect to the host. What was copied before can be opened meanwhile."),
        { action: "retry" },
      );
  }
}

function mebibytes(bytes: number): string {
  return Math.ceil(bytes / 1024 / 1024).toString();
}
