import * as l10n from "@vscode/l10n";
import { quoted } from "./failureWords.js";

/** Whole minutes where there are any. */
export function minutes(seconds: number): number {
  return seconds < 60 ? Math.round(seconds / 6) / 10 : Math.round(seconds / 60);
}

/** Why a path cannot be a root. */
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

/** Places that cannot be used, and why. */
export function placesWithReasons(
  places: readonly { readonly path: string; readonly reason: string }[],
): string {
  return places.map(({ path, reason }) => `${quoted(path)}: ${quoted(reason)}`).join("; ");
}
