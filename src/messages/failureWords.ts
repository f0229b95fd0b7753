import { displayText } from "../common/text/displayText.js";

/** The action of a failure's button. Where it is not available, the button is left out. */
export type FailureAction =
  | "retry"
  | "restart"
  | "show-log"
  | "show-output"
  | "show-known-hosts"
  | "compare-host-keys"
  | "choose-environment"
  | "choose-root"
  | "create-root"
  | "install-runicorn"
  | "edit-lines"
  | "sync-runs"
  | "remove-gone"
  | "open-file";

export interface FailureWords {
  /** What happened. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  readonly action: FailureAction | undefined;
  /** The host's output, in full. */
  readonly output: string | undefined;
  /** The local file to fix, for `open-file`; lines count from 1. */
  readonly place?: { readonly file: string; readonly line: number } | undefined;
}

/** Maximum characters of untrusted text in a sentence. */
const longestQuote = 300;

/** Sanitizes untrusted text for a sentence: printable, short, and no link, as VS Code makes of `[words](command:…)`. */
export function quoted(text: string): string {
  const shown = displayText(text).replaceAll("](", "] (");
  return shown.length > longestQuote ? `${shown.slice(0, longestQuote)}…` : shown;
}

/** Builds a description. */
export function words(
  message: string,
  advice: string,
  more: Partial<Pick<FailureWords, "action" | "output" | "place">> = {},
): FailureWords {
  return { message, advice, action: more.action, output: more.output, place: more.place };
}
