import * as l10n from "@vscode/l10n";

/** Formats a date and time in the language of the texts. @param at milliseconds since the epoch. */
export function dateTimeText(at: number): string {
  return new Date(at).toLocaleString(locale());
}

/** Formats a time of day in the language of the texts. @param at milliseconds since the epoch. */
export function timeText(at: number): string {
  return new Date(at).toLocaleTimeString(locale());
}

/** The language of the texts, for `Intl`; undefined: the system's, where the texts are in English. */
export function locale(): string | undefined {
  const tag = l10n.t({
    message: "the system's",
    comment: ["BCP 47 tag for dates. It is not shown"],
  });
  return tag === "the system's" ? undefined : tag;
}
