import * as l10n from "@vscode/l10n";
import { failureGuard } from "../common/failure.js";
import type { LocalFileFailure } from "../common/files/failures.js";
import { type FailureWords, quoted, words } from "./failureWords.js";

/** Why the API cannot be served. */
export type ServerFailure =
  | { readonly code: "api-port-taken"; readonly port: number }
  | { readonly code: "token-file-unusable"; readonly file: string; readonly reason: string };

export const isServerFailure = failureGuard<ServerFailure>();

/** Describes failures of files and ports on this machine. */
export function describeLocalFailure(failure: LocalFileFailure | ServerFailure): FailureWords {
  switch (failure.code) {
    case "local-file-in-use":
      return words(
        l10n.t("{0} is in use by another program.", quoted(failure.file)),
        l10n.t("Close the program that has the file open, then try again."),
        { action: "retry" },
      );
    case "local-disk-full":
      return words(
        l10n.t("The disk of this machine that {0} is on is full.", quoted(failure.file)),
        l10n.t("Make room on it, then try again."),
        { action: "retry" },
      );
    case "local-file-irregular":
      return words(
        l10n.t("{0} is not a regular file, so it is not opened.", quoted(failure.file)),
        l10n.t("Remove it, or name another file."),
      );
    case "local-file-of-another":
      return words(
        l10n.t(
          "{0} belongs to another account of this machine (user ID {1}), so it is not used.",
          quoted(failure.file),
          failure.owner,
        ),
        l10n.t(
          "Name one that belongs to your account, or have an administrator give you this one with chown.",
        ),
      );
    case "local-file-open-to-others":
      return words(
        l10n.t(
          "Other accounts of this machine may write into {0} (mode {1}), so it is not used.",
          quoted(failure.file),
          failure.mode,
        ),
        l10n.t("Take that right from them with chmod go-w, then try again."),
      );
    case "local-file-exposed":
      return words(
        l10n.t(
          "Other accounts of this machine may put something else in the place of {0}, because of the folder {1} (user ID {2}, mode {3}), so it is not used.",
          quoted(failure.file),
          quoted(failure.folder),
          failure.owner,
          failure.mode,
        ),
        l10n.t("Name one that lies where only your account may write."),
      );
    case "data-folder-unusable":
      return words(
        l10n.t("Nothing can be kept in {0}: {1}", quoted(failure.file), quoted(failure.reason)),
        l10n.t("Name another folder, in which you may write."),
      );
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
  }
}
