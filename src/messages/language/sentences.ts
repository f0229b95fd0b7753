import * as l10n from "@vscode/l10n";

/** Joins sentences, of which some may be empty, as the language does. */
export function sentences(...texts: readonly string[]): string {
  return texts
    .filter((text) => text !== "")
    .reduce((all, text) => (all ? l10n.t("{0} {1}", all, text) : text), "");
}
