import * as l10n from "@vscode/l10n";
import type { ViewerSession } from "../viewer/session/session.js";
import { quoted } from "./failureWords.js";
import { hostName } from "./hostName.js";

/** Converts to minutes: whole ones, or tenths below one minute. */
export function minutes(seconds: number): number {
  return seconds < 60 ? Math.round(seconds / 6) / 10 : Math.round(seconds / 60);
}

/** Explains why a path cannot be a root. */
export function invalidRoot(reason: "nul" | "relative" | "too-long"): string {
  switch (reason) {
    case "nul":
      return l10n.t("A path cannot hold a NUL character.");
    case "relative":
      return l10n.t("The path is not absolute.");
    case "too-long":
      return l10n.t("The path is too long.");
  }
}

/** Lists unusable paths with reasons. */
export function placesWithReasons(
  places: readonly { readonly path: string; readonly reason: string }[],
): string {
  return places.map(({ path, reason }) => `${quoted(path)}: ${quoted(reason)}`).join("; ");
}

/** Warns that all accounts of the host can reach a viewer on a port; undefined for one on a Unix socket. */
export function openToAccounts({ host, state }: ViewerSession): string | undefined {
  return state.kind === "running" && "port" in state.remote.address
    ? l10n.t(
        "This viewer listens on a port of {0}: every account there can read these runs, and delete them.",
        hostName(host),
      )
    : undefined;
}

/** Says that a viewer has another local port than before. */
export function movedPort(before: number, now: number): string {
  return l10n.t(
    "Local port {0}, where this viewer was before, is in use. It is at port {1} now, where its page does not know what it kept in the browser, such as its theme.",
    before,
    now,
  );
}
