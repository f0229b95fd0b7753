import * as l10n from "@vscode/l10n";
import { displayText } from "../common/text/displayText.js";
import type { Subject } from "../ssh/model/interaction.js";
import { quoted } from "./failureWords.js";

/** Returns `user@host` for a login prompt, with the destination if it is a jump host. */
export function subjectName({ user, host, onTheWayTo }: Subject): string {
  const name = displayText(`${user}@${host}`);
  return onTheWayTo === undefined ? name : l10n.t("{0} (on the way to {1})", name, displayText(onTheWayTo));
}

/** Maximum characters and lines of a server's prompt. */
const longestText = 4_000;
const mostLines = 40;

/** Splits a server's text into sanitized lines to quote below our own text, without blank ones. */
export function serverLines(...texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.slice(0, longestText).split(/\r\n|\r|\n/))
    .map((line) => quoted(line.replaceAll("\t", " ").trim()))
    .filter(Boolean)
    .slice(0, mostLines);
}

/** The title above a server's banner or notice. */
export function noticeTitle(subject: Subject): string {
  return l10n.t("{0} says:", subjectName(subject));
}

export function silentAgentWords(address: string): string {
  return l10n.t("The SSH agent at {0} does not answer, so its keys are not used.", quoted(address));
}
