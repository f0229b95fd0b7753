import * as l10n from "@vscode/l10n";
import type { SyncFailure } from "../sync/failures.js";
import { type FailureWords, quoted, words } from "./failureWords.js";
import { hostName } from "./hostName.js";

/** Describes failures of syncs. */
export function describeSyncFailure(failure: SyncFailure): FailureWords {
  switch (failure.code) {
    case "sync-root-missing":
      return words(
        l10n.t("The folder {0} does not exist on {1}.", quoted(failure.root), hostName(failure.host)),
        l10n.t("What was copied before is kept. Check the path, or whether a disk is not mounted there."),
        { action: "retry" },
      );
    case "sync-root-not-folder":
      return words(
        l10n.t("{0} is not a folder.", quoted(failure.root)),
        l10n.t("Choose the folder that holds the runs."),
        { action: "choose-root" },
      );
    case "sync-root-is-system":
      return words(
        l10n.t("{0} on {1} is a folder of the system.", quoted(failure.root), hostName(failure.host)),
        l10n.t("Choose the folder that holds the runs."),
        { action: "choose-root" },
      );
    case "sync-root-too-large":
      return tooLarge(failure);
    case "sync-root-not-accessible":
      return words(
        l10n.t("The folder {0} cannot be opened: {1}", quoted(failure.root), quoted(failure.reason)),
        l10n.t("Choose a folder that you may read on the host."),
        { action: "choose-root" },
      );
    case "sync-helper-failed":
      return words(
        l10n.t("Reading the files of {0} failed.", hostName(failure.host)),
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
    case "sync-entry-not-stored":
      return notStored(failure);
    case "sync-much-gone":
      return words(
        muchGone(failure),
        l10n.t(
          "Nothing was removed here. If a disk is not mounted on the host, this goes on when it is. If they are gone for good, remove them here too.",
        ),
        { action: "remove-gone" },
      );
    case "sync-file-missing":
      return words(
        l10n.t("{0} is no longer on {1}.", quoted(failure.path), hostName(failure.host)),
        l10n.t("Refresh the list of runs."),
      );
    case "sync-file-not-readable":
      return words(
        l10n.t("{0} could not be read on {1}.", quoted(failure.path), hostName(failure.host)),
        l10n.t("Check its permissions, and whether it is being rewritten all the time."),
        { action: "retry" },
      );
    case "sync-record-unreadable":
      return unreadableRecord(failure);
    case "sync-not-known":
      return words(
        l10n.t("These runs are not on this machine."),
        l10n.t("Synchronize the host's storage root again."),
      );
    case "sync-offline":
      return words(
        l10n.t("{0} is not connected.", hostName(failure.host)),
        l10n.t("Connect to the host. What was copied before can be opened meanwhile."),
        { action: "retry" },
      );
  }
}

function mebibytes(bytes: number): string {
  return Math.ceil(bytes / 1024 / 1024).toString();
}

function tooLarge({ root, host, limit }: Extract<SyncFailure, { readonly code: "sync-root-too-large" }>) {
  return words(
    l10n.t("{0} on {1} holds more than {2} files and folders.", quoted(root), hostName(host), limit),
    l10n.t("Choose a folder that holds fewer."),
    { action: "choose-root" },
  );
}

function unreadableRecord({ file }: Extract<SyncFailure, { readonly code: "sync-record-unreadable" }>) {
  return words(
    l10n.t("{0} cannot be read: it says how the copy beside it is kept.", quoted(file)),
    l10n.t("Nothing was changed. Repair the file; or remove it, and choose anew for what was copied."),
  );
}

/** Names the local file, since this is not a problem of the host. */
function notStored({ file, reason }: Extract<SyncFailure, { readonly code: "sync-entry-not-stored" }>) {
  const local = quoted(file);
  switch (reason) {
    case "in-use":
      return words(
        l10n.t("Another program has {0} open.", local),
        l10n.t("Close it there. Everything else is synchronized, and this is tried again."),
      );
    case "not-permitted":
      return words(
        l10n.t("{0} may not be written.", local),
        l10n.t("Check its permissions and those of its folder. Everything else is synchronized."),
      );
    case "name-too-long":
      return words(
        l10n.t("The name {0} is too long for this machine.", local),
        l10n.t("Shorten it on the host. Everything else is synchronized."),
      );
    case "name-not-allowed":
      return words(
        l10n.t("This machine does not allow the name {0}.", local),
        l10n.t("Change it on the host. Everything else is synchronized."),
      );
    case "in-the-way":
      return words(
        l10n.t("Something that was not copied from the host is in the place of {0}.", local),
        l10n.t("Move it elsewhere. Everything else is synchronized, and this is tried again."),
      );
    case "too-large":
      return words(
        l10n.t("{0} is larger than a file may be on this disk.", local),
        l10n.t("Keep the copies on another disk. Everything else is synchronized."),
      );
  }
}

function muchGone({ root, files, of, why }: Extract<SyncFailure, { readonly code: "sync-much-gone" }>) {
  switch (why) {
    case "empty":
      return l10n.t(
        "The {1} files that were copied from {0} are gone: it is empty now.",
        quoted(root),
        files,
      );
    case "other-folder":
      return l10n.t("Another folder is at {0} now: {1} of {2} files are not in it.", quoted(root), files, of);
    case "many":
      return l10n.t("{0} of {1} files below {2} are gone at once.", files, of, quoted(root));
  }
}
