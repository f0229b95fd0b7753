import * as l10n from "@vscode/l10n";
import { SnapshotError } from "../../runs/snapshot/snapshot.js";

/** The text of an error about an archive of source files; undefined for other errors. */
export function snapshotErrorText(error: unknown): string | undefined {
  if (!(error instanceof SnapshotError)) return undefined;
  switch (error.reason) {
    case "damaged":
      return l10n.t("The archive of the source files is damaged.");
    case "encrypted":
      return l10n.t("The file in the archive is encrypted.");
    case "missing":
      return l10n.t("The archive has no such file.");
    case "too-large":
      return l10n.t("The file is too large for an editor.");
  }
}
