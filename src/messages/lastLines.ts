import * as l10n from "@vscode/l10n";
import { type FailureWords, quoted } from "./failureWords.js";

/** Lines, and characters that are looked at, of what a host or a program printed. */
const mostLines = 10;
const longestOutput = 4_000;

/** The last lines of what a host or a program printed, each fit for a screen. Lines without text are left out. */
export function lastLines(output: string): string[] {
  return output
    .slice(-longestOutput)
    .split(/[\r\n]+/)
    .map((line) => quoted(line.replaceAll("\t", " ").trim()))
    .filter(Boolean)
    .slice(-mostLines);
}

/** What is shown below the words of a failure: what was printed last, unless those words quote all of it. */
export function linesBelow({ message, advice, output = "" }: FailureWords): string[] {
  const lines = lastLines(output);
  return lines.every((line) => message.includes(line) || advice.includes(line)) ? [] : lines;
}

/** Everything that is known of a failure in one line, for programs that ask. */
export function inOneLine(words: FailureWords): string {
  const lines = linesBelow(words);
  const said = lines.length === 0 ? "" : l10n.t("It printed: {0}", lines.join("; "));
  return [words.message, words.advice, said].filter(Boolean).join(" ");
}
