import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/bytes.js";
import { describeFailure } from "../../messages/describeFailure.js";
import type { ViewerSession } from "../../viewer/session.js";
import { sessionTitle } from "../sessionWords.js";
import type { Page, PageButton } from "./page.js";

/** Where a session's viewer can be shown, as far as that is known. */
export type Reachability =
  | { readonly kind: "checking" }
  | { readonly kind: "answers"; readonly url: string }
  | { readonly kind: "does-not-answer" }
  /** This window runs in a browser whose way to local ports changes paths, which the viewer's page cannot take. */
  | { readonly kind: "needs-own-origin" };

/** What the panel of a session shows. */
export function pageOf(session: ViewerSession | undefined, reachability: Reachability): Page {
  if (!session) {
    return ended(
      l10n.t("This viewer's session has ended."),
      l10n.t("Connect to the host to start another one."),
      "",
      ["connect", "close"],
    );
  }
  const { state } = session;
  switch (state.kind) {
    case "starting":
      return { kind: "waiting", message: l10n.t("Starting the viewer…") };
    case "stopping":
      return { kind: "waiting", message: l10n.t("Stopping the viewer…") };
    case "stopped":
      return ended(l10n.t("The viewer was stopped."), l10n.t("Nothing of it is left on the host."), "", [
        "connect",
        "close",
      ]);
    case "failed": {
      const { message, advice, output } = describeFailure(state.failure);
      return ended(message, advice, output ?? "", ["connect", "show-log", "close"]);
    }
    case "running":
      return runningPage(session, reachability);
  }
}

function runningPage(session: ViewerSession, reachability: Reachability): Page {
  switch (reachability.kind) {
    case "checking":
      return { kind: "waiting", message: l10n.t("Opening the viewer…") };
    case "answers":
      return { kind: "viewer", url: reachability.url, title: sessionTitle(session) };
    case "does-not-answer":
      return ended(
        l10n.t("The viewer does not answer."),
        l10n.t("It may be busy. Its log may say more."),
        "",
        ["retry", "open-in-browser", "show-log"],
      );
    case "needs-own-origin":
      return ended(
        l10n.t("The viewer cannot be shown inside this window."),
        l10n.t(
          "VS Code runs in a browser here and serves local ports below a path. Open the viewer in a tab of its own.",
        ),
        "",
        ["open-in-browser", "retry"],
      );
  }
}

function ended(message: string, advice: string, output: string, ids: readonly PageButton[]): Page {
  const lines = output.split("\n").map(displayText).join("\n").trim();
  return {
    kind: "ended",
    message,
    advice,
    output: lines,
    buttons: ids.map((id) => ({ id, label: labelOf(id) })),
  };
}

function labelOf(button: PageButton): string {
  switch (button) {
    case "retry":
      return l10n.t("Try Again");
    case "open-in-browser":
      return l10n.t("Open in Browser");
    case "show-log":
      return l10n.t("Show Log");
    case "connect":
      return l10n.t("Connect to Host…");
    case "close":
      return l10n.t("Close");
  }
}
