import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/bytes.js";
import type { FailureDetail } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import type { SessionState, ViewerSession } from "../../viewer/session.js";
import { sessionTitle } from "../sessionWords.js";
import type { Notice, Page, PageButton } from "./page.js";

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
    case "reconnecting":
      return reconnectingPage(session.host, state);
    case "stopping":
      return { kind: "waiting", message: l10n.t("Stopping the viewer…") };
    case "stopped":
      return ended(l10n.t("The viewer was stopped."), l10n.t("Nothing of it is left on the host."), "", [
        "connect",
        "close",
      ]);
    case "failed": {
      const { message, advice, output } = describeFailure(state.failure);
      const again = canRestart(state.failure) ? ("restart" as const) : ("connect" as const);
      return ended(message, advice, output ?? "", [again, "show-log", "close"]);
    }
    case "running":
      return runningPage(session, reachability);
  }
}

/** Whether the session itself can be started again, or the person has to begin with the host. */
function canRestart({ code }: FailureDetail): boolean {
  return code === "viewer-exited" || code === "viewer-lease-ended";
}

function reconnectingPage(
  host: string,
  { cause, wait }: Extract<SessionState, { kind: "reconnecting" }>,
): Page {
  const name = displayText(host);
  const needsPerson = wait.kind === "person";
  const { message, advice } = describeFailure(needsPerson ? wait.failure : cause);
  return {
    kind: "reconnecting",
    busy: !needsPerson,
    message: needsPerson ? l10n.t("{0} is not connected.", name) : l10n.t("Reconnecting to {0}…", name),
    advice: needsPerson ? `${message} ${advice}` : message,
    output: "",
    buttons: buttonsOf(["reconnect", "show-log", "open-in-browser"]),
  };
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
    buttons: buttonsOf(ids),
  };
}

function buttonsOf(ids: readonly PageButton[]): Notice["buttons"] {
  return ids.map((id) => ({ id, label: labelOf(id) }));
}

function labelOf(button: PageButton): string {
  switch (button) {
    case "retry":
      return l10n.t("Try Again");
    case "reconnect":
      return l10n.t("Reconnect Now");
    case "restart":
      return l10n.t("Restart");
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
