import { displayText } from "../common/text/displayText.js";

/** What a button beside a failure does. Surfaces that cannot do it leave the button out. */
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
  /** What the host said, in full, for whoever wants to read it. */
  readonly output: string | undefined;
  /** The local file that is to be mended, for `open-file`; the line counts from 1. */
  readonly place?: { readonly file: string; readonly line: number } | undefined;
}

/** Characters of foreign text in a sentence. */
const longestQuote = 300;

/** Foreign text made fit for a sentence: visible, not too long, and no link: VS Code makes `[words](command:…)` one. */
export function quoted(text: string): string {
  const shown = displayText(text).replaceAll("](", "] (");
  return shown.length > longestQuote ? `${shown.slice(0, longestQuote)}…` : shown;
}

/** Puts the parts of a description together. */
export function words(
  message: string,
  advice: string,
  more: Partial<Pick<FailureWords, "action" | "output" | "place">> = {},
): FailureWords {
  return { message, advice, action: more.action, output: more.output, place: more.place };
}
