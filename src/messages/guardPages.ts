import * as l10n from "@vscode/l10n";
import type { GuardPages } from "../tunnel/guard/answers.js";

/** Pages that a viewer's local port shows in a browser. */
export const guardPages: GuardPages = {
  waiting: () => ({
    title: l10n.t("Reconnecting…"),
    lines: [l10n.t("The connection to the host was lost. This page returns by itself.")],
  }),
  locked: (canOpen) => ({
    title: l10n.t("This viewer is not open in this browser yet."),
    lines: canOpen
      ? [l10n.t("Open it only if you came here yourself, and not from a page that you do not trust.")]
      : [
          l10n.t(
            "In VS Code, choose Open in Browser or Reload Viewer. In a terminal, run the command again.",
          ),
          l10n.t("An address that was copied or printed opens the viewer once, for a short time."),
        ],
    button: l10n.t("Open the Viewer"),
  }),
  tooManyCookies: () => ({
    title: l10n.t("The browser sends too many cookies."),
    lines: [l10n.t("Delete the cookies of localhost in this browser, and load the page again.")],
  }),
  opening: () => ({ title: l10n.t("Opening the viewer…"), lines: [] }),
};
