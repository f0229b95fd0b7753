import * as l10n from "@vscode/l10n";
import type { QueryProblem } from "../../runs/query/query.js";
import { shortText } from "../../runs/view/valueText.js";

/** The text of a problem of a filter, with a hint. */
export function problemText({ code, text }: QueryProblem): string {
  const shown = shortText(text, 60);
  switch (code) {
    case "too-long":
      return l10n.t("The filter is too long. This part is not used.");
    case "no-name":
      return l10n.t("Write the name of a column before {0}.", shown);
    case "no-value":
      return l10n.t("Write a value after {0}.", shown);
    case "open-quote":
      return l10n.t("The closing quotation mark is missing.");
    case "unknown-name":
      return l10n.t("No column is called {0}.", shown);
    case "no-number":
      return l10n.t("{0} is not a number.", shown);
    case "no-duration":
      return l10n.t("{0} is not a duration. Write it as 90s, 15m, 2h or 1d12h.", shown);
    case "no-time":
      return l10n.t("{0} is not a time. Write it as 2026-01-31, today, or 3d for three days ago.", shown);
    case "no-size":
      return l10n.t("{0} is not a size. Write it as 500k, 10M or 2G.", shown);
    case "no-order":
      return l10n.t("Tags have no order. Use : or ~ instead of {0}.", shown);
  }
}
