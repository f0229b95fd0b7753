import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import type { News } from "../../runs/watch/judge.js";
import type { Notice } from "../../runs/watch/noticeFile.js";
import type { Wishes } from "../../runs/watch/rules.js";
import { numberText, runLabel } from "../runKit/runWords.js";

/** Maximum characters of a metric's or a run's name in a notification. */
const longestName = 80;

function shortName(name: string): string {
  const characters = [...displayText(name)];
  return characters.length <= longestName
    ? characters.join("")
    : `${characters.slice(0, longestName).join("")}…`;
}

/** The text of a duration. @param seconds measured by one clock. */
function durationText(seconds: number): string {
  if (seconds < 120) return l10n.t("{0} s", Math.round(seconds));
  if (seconds < 7_200) return l10n.t("{0} min", Math.round(seconds / 60));
  return l10n.t("{0} h", Math.round(seconds / 3_600));
}

/** The text of a notice, one sentence. */
export function noticeText({ label, news }: Pick<Notice, "label" | "news">): string {
  const run = shortName(runLabel({ alias: undefined, id: label }));
  switch (news.kind) {
    case "finished":
      return l10n.t("{0} has finished.", run);
    case "failed":
      return l10n.t("{0} has failed.", run);
    case "interrupted":
      return l10n.t("{0} was interrupted.", run);
    case "crashed":
      return l10n.t("{0} has crashed: its process is gone.", run);
    case "not-finite":
      return l10n.t("{0}: {1} is {2} at step {3}.", run, shortName(news.metric), news.value, news.step);
    case "stalled":
      return l10n.t("{0} has stalled: no new value for {1}.", run, durationText(news.seconds));
    case "threshold":
      return l10n.t(
        "{0}: {1} was reached at step {2} with {3}.",
        run,
        shortName(news.threshold),
        news.step,
        numberText(news.value),
      );
  }
}

/** Whether to show it as a warning. */
export function isBad({ kind }: News): boolean {
  return kind !== "finished" && kind !== "threshold";
}

/** A summary of notices, such as `3 finished, 1 failed`. */
export function summaryText(notices: readonly Pick<Notice, "news">[]): string {
  const count = (...kinds: readonly News["kind"][]): number =>
    notices.filter(({ news }) => kinds.includes(news.kind)).length;
  const parts: readonly (readonly [number, (count: number) => string])[] = [
    [count("finished"), (n) => l10n.t("{0} finished", n)],
    [count("failed", "crashed", "interrupted"), (n) => l10n.t("{0} failed", n)],
    [count("not-finite"), (n) => l10n.t("{0} with NaN or infinity", n)],
    [count("stalled"), (n) => l10n.t("{0} stalled", n)],
    [count("threshold"), (n) => l10n.t("{0} reached a threshold", n)],
  ];
  return parts
    .filter(([n]) => n > 0)
    .map(([n, text]) => text(n))
    .join(", ");
}

/** The text of a rule. */
export function wishesText({ finished, failed, notFinite, stalled, thresholds }: Wishes): string {
  return [
    ...(finished ? [l10n.t("finished")] : []),
    ...(failed ? [l10n.t("failed or crashed")] : []),
    ...(notFinite ? [l10n.t("NaN or infinity")] : []),
    ...(stalled === undefined ? [] : [l10n.t("stalled ({0} times the usual interval)", stalled)]),
    ...thresholds.map(shortName),
  ].join(", ");
}
