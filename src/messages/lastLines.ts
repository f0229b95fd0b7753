import * as l10n from "@vscode/l10n";
import { type FailureWords, quoted } from "./failureWords.js";

/** Maximum number of output lines, and of characters that are searched for them. */
const mostLines = 10;
const longestOutput = 4_000;

/** Returns the last lines of output, sanitized, without blank ones. */
export function lastLines(output: string): string[] {
  return output
    .slice(-longestOutput)
    .split(/[\r\n]+/)
    .map((line) => quoted(line.replaceAll("\t", " ").trim()))
    .filter(Boolean)
    .slice(-mostLines);
}

/** Returns the output lines to show below a failure's text; empty if the text quotes them all. */
export function linesBelow({ message, advice, output = "" }: FailureWords): string[] {
  const lines = lastLines(output);
  return lines.every((line) => message.includes(line) || advice.includes(line)) ? [] : lines;
}

/** Formats a failure with its output in one line, for the API. */
export function inOneLine(words: FailureWords): string {
  const lines = linesBelow(words);
  const said = lines.length === 0 ? "" : l10n.t("It printed: {0}", lines.join("; "));
  return [words.message, words.advice, said].filter(Boolean).join(" ");
}
