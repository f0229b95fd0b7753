import * as l10n from "@vscode/l10n";
import { displayText } from "../common/text/displayText.js";
import type { Subject } from "../ssh/model/interaction.js";
import { quoted } from "./failureWords.js";

/** Who is logged in where: what every question about a login begins with. */
export function subjectName({ user, host, onTheWayTo }: Subject): string {
  const name = displayText(`${user}@${host}`);
  return onTheWayTo === undefined ? name : l10n.t("{0} (on the way to {1})", name, displayText(onTheWayTo));
}

/** Characters and lines of a server's question that are shown. */
const longestText = 4_000;
const mostLines = 40;

/** What a server says, line by line, fit to be quoted below words of our own. Lines without text are left out. */
export function serverLines(...texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.slice(0, longestText).split(/\r\n|\r|\n/))
    .map((line) => quoted(line.replaceAll("\t", " ").trim()))
    .filter(Boolean)
    .slice(0, mostLines);
}

/** Of a server that tells something: who does. */
export function noticeTitle(subject: Subject): string {
  return l10n.t("{0} says:", subjectName(subject));
}

export function silentAgentWords(address: string): string {
  return l10n.t("The SSH agent at {0} does not answer, so its keys are not used.", quoted(address));
}
