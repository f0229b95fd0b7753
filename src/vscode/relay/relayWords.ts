import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { linkProblemText } from "../../messages/linkProblemText.js";
import type { Histogram, RecentCommand, RelayStatus } from "../../relay/status.js";

/** The state of the link to the main server, with a countdown to the next retry. */
export function relayStateText({ link }: RelayStatus, now = Date.now()): string {
  switch (link.kind) {
    case "connecting":
      return l10n.t("connecting…");
    case "connected":
      return l10n.t("connected");
    case "waiting":
      return l10n.t("next try in {0} s", Math.max(0, Math.ceil((link.until - now) / 1_000)));
  }
}

/** Why there is no connection; empty while there is one. */
export function relayProblemText({ link }: RelayStatus): string {
  return link.kind === "waiting" ? linkProblemText(link.problem) : "";
}

export function fateText({ fate, exitCode }: RecentCommand): string {
  switch (fate) {
    case "done":
      return exitCode === 0 ? l10n.t("done") : l10n.t("exit code {0}", exitCode);
    case "failed":
      return l10n.t("failed");
    case "refused":
      return l10n.t("refused");
  }
}

export function durationText(milliseconds: number): string {
  return milliseconds < 1_000
    ? l10n.t("{0} ms", Math.round(milliseconds))
    : l10n.t("{0} s", Number((milliseconds / 1_000).toPrecision(3)));
}

/** A line for each non-empty bucket. */
export function latencyLines({ bounds, counts }: Histogram): string[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.flatMap((count, index) => {
    if (count === 0) return [];
    const bound = bounds[index];
    const range =
      bound === undefined
        ? l10n.t("longer than {0}", durationText(bounds.at(-1) ?? 0))
        : l10n.t("up to {0}", durationText(bound));
    return [`${range}: ${count} (${Math.round((100 * count) / total)} %)`];
  });
}

/** The lowest bound within which half of the commands ended; undefined if none has. */
export function medianText({ bounds, counts }: Histogram): string | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  const index = counts.findIndex((count) => (seen += count) * 2 >= total);
  const bound = bounds[index];
  return bound === undefined
    ? l10n.t("half of them took longer than {0}", durationText(bounds.at(-1) ?? 0))
    : l10n.t("half of them within {0}", durationText(bound));
}

export function commandTitle({ id }: RecentCommand): string {
  return displayText(id.slice(0, 80));
}
