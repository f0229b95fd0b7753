import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import type { SkippedPart } from "../../runs/runDetails.js";

/** Says what of a run's file is left out, and why. */
export function skippedText({ path, reason, lines }: SkippedPart): string {
  const [name, count] = [displayText(path), lines.toLocaleString()];
  switch (reason) {
    case "damaged":
      return lines > 0
        ? l10n.t("Damaged lines in {0}, left out: {1}", name, count)
        : l10n.t("{0} is damaged on the host.", name);
    case "too-large":
      return lines > 0
        ? l10n.t("Too long lines in {0}, left out: {1}", name, count)
        : l10n.t("{0} is larger than what is read.", name);
    case "too-many":
      return l10n.t("Values in {0} beyond 10,000 names, or with very long names, left out: {1}", name, count);
    case "no-permission":
      return l10n.t("{0}: the host does not let us read it.", name);
  }
}
