import * as l10n from "@vscode/l10n";

/** That a viewer is at another local port than before. */
export function movedPort(before: number, now: number): string {
  return l10n.t(
    "Local port {0}, where this viewer was before, is in use. It is at port {1} now, where its page does not know what it kept in the browser, such as its theme.",
    before,
    now,
  );
}
