import * as l10n from "@vscode/l10n";
import type { Skipped, SkipReason } from "../sync/pass/skips.js";
import { quoted } from "./failureWords.js";

/** Maximum number of listed entries. */
const named = 5;

/**
 * Lists what could not be copied, and why: a line with the count, one for each of the first entries, and one for the rest.
 * Empty if nothing was skipped.
 * @param how `here`: a root on this machine, which is read in place.
 */
export function describeSkipped(
  skipped: readonly Skipped[],
  how: "copied" | "here" = "copied",
): readonly string[] {
  if (skipped.length === 0) return [];
  const count = how === "copied" ? notCopied(skipped.length) : notRead(skipped.length);
  const first = skipped.slice(0, named).map(({ path, why }) => `${quoted(path || ".")}: ${reasonText(why)}`);
  const rest = skipped.length - first.length;
  return [count, ...first, ...(rest > 0 ? [l10n.t("and {0} more", rest)] : [])];
}

function notCopied(count: number): string {
  return count === 1
    ? l10n.t("One file or folder could not be copied; it is tried again:")
    : l10n.t("{0} files and folders could not be copied; they are tried again:", count);
}

function notRead(count: number): string {
  return count === 1
    ? l10n.t("One folder could not be read; it is tried again:")
    : l10n.t("{0} folders could not be read; they are tried again:", count);
}

function reasonText(why: SkipReason): string {
  switch (why) {
    case "denied":
      return l10n.t("it may not be read on the host");
    case "unreadable":
      return l10n.t("the host cannot read it");
    case "path-too-long":
      return l10n.t("its path is too long for the host");
    case "changing":
      return l10n.t("it changes all the time");
    case "in-use":
      return l10n.t("another program has it open here");
    case "not-permitted":
      return l10n.t("it may not be written here");
    case "name-too-long":
      return l10n.t("its name is too long for this machine");
    case "name-not-allowed":
      return l10n.t("this machine does not allow its name");
    case "in-the-way":
      return l10n.t("something else is in its place here");
    case "too-large":
      return l10n.t("it is larger than a file may be on this disk");
  }
}
