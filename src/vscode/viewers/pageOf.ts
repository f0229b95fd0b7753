import * as l10n from "@vscode/l10n";
import { Failure } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import type { FailureWords } from "../../messages/failureWords.js";
import { openToAccounts } from "../../messages/viewerWords.js";
import { hostName } from "../../messages/hostName.js";
import { leftText } from "../../messages/slurm/jobTimes.js";
import { jobStateText } from "../../messages/slurm/jobWords.js";
import type { SlurmFailure } from "../../slurm/model/failures.js";
import { timeLeft } from "../../slurm/model/job.js";
import type { ViewerFailure } from "../../viewer/failures.js";
import type { EndOnHost, SessionState, ViewerSession } from "../../viewer/session/session.js";
import type { OpeningStep, ViewerChoice } from "../kit/progress.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { firstWarning } from "../jobKit/warnings.js";
import { endOfJob, type SessionJob } from "../jobKit/jobOfSession.js";
import { choiceText, placeTitle, sessionTitle } from "./sessionWords.js";
import type { Header, Notice, Page, PageButton, StartingStep } from "./page.js";

/** Whether and where a session's viewer can be shown. */
export type Reachability =
  | { readonly kind: "checking" }
  | { readonly kind: "answers"; readonly url: string }
  | { readonly kind: "does-not-answer" }
  /** This window runs in a browser that reaches local ports under a path prefix, which the viewer does not support. */
  | { readonly kind: "needs-own-origin" };

/** Facts about a session from elsewhere. */
export interface Beside {
  /** Its parameters, and why they were not asked for. */
  readonly choice?: ViewerChoice;
  /** The job of its viewer. */
  readonly job?: SessionJob | undefined;
}

/** The page for a session. */
export function pageOf(session: ViewerSession, reachability: Reachability, beside: Beside = {}): Page {
  const { state } = session;
  switch (state.kind) {
    case "starting":
      return waitingPage(l10n.t("Starting the viewer…"), sessionTitle(session));
    case "reconnecting":
      return reconnectingPage(session, state);
    case "stopping":
      return waitingPage(l10n.t("Stopping the viewer…"), sessionTitle(session));
    case "stopped":
      return endedPage(placeOfPage(session), state.onHost);
    case "failed":
      return endOfJob(session)
        ? jobEndedPage(sessionTitle(session), describeFailure(state.failure))
        : failedPage(sessionTitle(session), describeFailure(state.failure));
    case "running":
      return runningPage(session, reachability, beside);
  }
}

/** A page for work in progress, without buttons. */
function waitingPage(message: string, title: string): Page {
  return { kind: "waiting", message, title };
}

/** The page while looking for the viewer of a restored panel. */
export function lookingPage(place: ViewerPlace | undefined): Page {
  return waitingPage(l10n.t("Looking for the viewer…"), titleOf(place));
}

/**
 * The page of a panel without a viewer.
 * @param onHost how it ended on the host; missing if it ended while no window was open.
 */
export function endedPage(place: ViewerPlace | undefined, onHost?: EndOnHost): Page {
  const title = titleOf(place);
  if (!place) {
    return ended(title, l10n.t("This viewer is no longer running."), "", "", ["connect", "close"]);
  }
  const host = hostName(place.target.host);
  const buttons = ["start-again", "open-with", "close"] as const;
  switch (onHost?.kind) {
    case undefined:
      return ended(
        title,
        l10n.t("The viewer on {0} is no longer running.", host),
        whileAway(place),
        "",
        buttons,
      );
    case "gone":
      return ended(
        title,
        l10n.t("The viewer on {0} was stopped.", host),
        l10n.t("Nothing of it is left running on the host."),
        "",
        buttons,
      );
    case "left":
      return ended(
        title,
        l10n.t("The viewer on {0} was left running.", host),
        l10n.t("Start Again connects to the host and shows it again."),
        "",
        buttons,
      );
    case "unconfirmed": {
      const failure: ViewerFailure = {
        code: "viewer-stop-unconfirmed",
        host: place.target.host,
        graceSeconds: onHost.graceSeconds,
        cause: onHost.cause,
      };
      const { message, advice } = describeFailure(failure);
      return ended(title, message, advice, "", ["stop-again", ...buttons]);
    }
  }
}

/** The page for a viewer that was being opened when the window was closed or reloaded. */
export function cutShortPage(place: ViewerPlace): Page {
  return ended(
    titleOf(place),
    l10n.t(
      "The viewer on {0} was being opened when the window was closed or reloaded.",
      hostName(place.target.host),
    ),
    l10n.t("Start Again goes on with it; one that has started meanwhile is shown."),
    "",
    ["start-again", "open-with", "close"],
  );
}

function whileAway({ root }: ViewerPlace): string {
  return root === undefined
    ? l10n.t("It ended while this window was closed.")
    : l10n.t("It ended while this window was closed. Its runs in {0} are not touched.", displayText(root));
}

/** The page for a viewer that could not be opened. @param cure label of a button that fixes the cause. */
export function notOpenedPage(title: string, failure: FailureWords, cure?: string): Page {
  const page = failedPage(title, failure);
  const first: Notice["buttons"] = cure === undefined ? [] : [{ id: "cure", label: cure }];
  const again: Notice["buttons"] = [{ id: "start-again", label: l10n.t("Try Again") }];
  const others = page.buttons.filter(({ id }) => id !== "start-again");
  return { ...page, buttons: [...first, ...again, ...others] };
}

/** Failures of a job that say nothing against the connection. */
const ofJobs: ReadonlySet<string> = new Set<SlurmFailure["code"]>([
  "job-request-invalid",
  "job-option-not-allowed",
  "job-refused",
  "job-stuck",
  "job-ended",
]);

/** The page for a viewer that could not be opened because of its job; undefined for other failures. */
export function jobNotOpenedPage(title: string, error: unknown, failure: FailureWords): Page | undefined {
  if (!(error instanceof Failure) || !ofJobs.has(error.detail.code)) return undefined;
  const { message, advice, output = "" } = failure;
  const label = error.detail.code === "job-ended" ? l10n.t("Run Again") : l10n.t("Try Again");
  const page = ended(title, message, advice, output, ["open-with", "show-log", "close"]);
  return { ...page, buttons: [{ id: "start-again", label }, ...page.buttons] };
}

/** The page for an ended job: offers another job first, because nothing is wrong with the host. */
function jobEndedPage(title: string, failure: FailureWords): Page {
  return ended(title, failure.message, failure.advice, "", ["run-again", "open-with", "show-log", "close"]);
}

function failedPage(title: string, failure: FailureWords): Extract<Page, { kind: "ended" }> {
  return ended(title, failure.message, failure.advice, failure.output ?? "", [
    "start-again",
    "diagnose",
    "edit-connection",
    "open-with",
    "show-log",
    "close",
  ]);
}

/**
 * The progress of starting a viewer.
 * @param detail the current activity.
 * @param choice the parameters of the viewer, once known.
 */
export function startingPage(
  place: ViewerPlace,
  { now, detail, choice }: { now: OpeningStep; detail: string; choice?: ViewerChoice | undefined },
): Page {
  const { where } = place;
  const isInJob = now === "job" || (where !== undefined && where.kind !== "login");
  const steps: readonly OpeningStep[] = [
    "connect",
    "environment",
    ...(isInJob ? (["job"] as const) : []),
    "viewer",
    "tunnel",
  ];
  const at = steps.indexOf(now);
  return {
    kind: "starting",
    title: titleOf(place),
    message: l10n.t("Opening the viewer on {0}", hostName(place.target.host)),
    advice:
      now === "job" && where?.kind === "job"
        ? l10n.t("The job keeps its place when this tab or VS Code is closed. Cancel removes it.")
        : "",
    output: "",
    ...(choice && { header: headerOf(choice) }),
    steps: steps.map((step, index): StartingStep => {
      const state = index < at ? "done" : index === at ? "now" : "later";
      return { state, label: stepLabel(step), detail: stepDetail(state, detail) };
    }),
    buttons: buttonsOf(["cancel"]),
  };
}

function headerOf(choice: ViewerChoice, job?: SessionJob): Header {
  const text = [choiceText(choice), ...(job ? [jobText(job)] : [])].join(" · ");
  return { text, change: l10n.t("Change…") };
}

function jobText({ jobId, state }: SessionJob): string {
  return state ? l10n.t("job {0}: {1}", jobId, jobStateText(state)) : l10n.t("job {0}", jobId);
}

function stepLabel(step: OpeningStep): string {
  switch (step) {
    case "connect":
      return l10n.t("Connect");
    case "environment":
      return l10n.t("Python environment");
    case "job":
      return l10n.t("Job");
    case "viewer":
      return l10n.t("Viewer");
    case "tunnel":
      return l10n.t("Tunnel");
  }
}

function stepDetail(state: StartingStep["state"], detail: string): string {
  if (state === "done") return l10n.t("done");
  return state === "now" ? detail : "";
}

function reconnectingPage(
  session: ViewerSession,
  { cause, wait }: Extract<SessionState, { kind: "reconnecting" }>,
): Page {
  const name = hostName(session.host);
  const needsPerson = wait.kind === "person";
  const { message, advice, action } = describeFailure(needsPerson ? wait.failure : cause);
  const compare = needsPerson && action === "compare-host-keys" ? (["compare-keys"] as const) : [];
  return {
    kind: "reconnecting",
    title: sessionTitle(session),
    busy: !needsPerson,
    message: needsPerson ? l10n.t("{0} is not connected.", name) : l10n.t("Reconnecting to {0}…", name),
    advice: needsPerson ? `${message}\n${advice}` : message,
    output: "",
    buttons: buttonsOf([...compare, "reconnect", "diagnose", "show-log"]),
  };
}

function runningPage(session: ViewerSession, reachability: Reachability, beside: Beside): Page {
  const { choice = session, job } = beside;
  const title = sessionTitle(session);
  switch (reachability.kind) {
    case "checking":
      return waitingPage(l10n.t("Opening the viewer…"), title);
    case "answers": {
      const note = soonOver(job) ?? openToAccounts(session);
      const header = headerOf(choice, job);
      return { kind: "viewer", url: reachability.url, title, header, ...(note !== undefined && { note }) };
    }
    case "does-not-answer":
      return ended(
        title,
        l10n.t("The viewer does not answer."),
        l10n.t("It may be busy. Its log may say more."),
        "",
        ["retry", "restart", "diagnose", "show-log"],
      );
    case "needs-own-origin":
      return ended(
        title,
        l10n.t("The viewer cannot be shown inside this window."),
        l10n.t(
          "VS Code runs in a browser here and serves local ports below a path. Open the viewer in a tab of its own.",
        ),
        "",
        ["open-in-browser", "retry"],
      );
  }
}

/** A note that the job of a viewer ends soon. */
function soonOver(job: SessionJob | undefined): string | undefined {
  const left = job?.state && timeLeft(job.state);
  return job && left !== undefined && left <= firstWarning
    ? l10n.t("Job {0} has {1}. This viewer ends with it.", job.jobId, leftText(Date.now() + left))
    : undefined;
}

function ended(
  title: string,
  message: string,
  advice: string,
  output: string,
  ids: readonly KnownButton[],
): Extract<Page, { kind: "ended" }> {
  const lines = output.split("\n").map(displayText).join("\n").trim();
  return { kind: "ended", title, message, advice, output: lines, buttons: buttonsOf(ids) };
}

function titleOf(place: ViewerPlace | undefined): string {
  return place ? placeTitle(place) : l10n.t("Viewer");
}

function placeOfPage({ host, root }: ViewerSession): ViewerPlace {
  return { target: { host }, root };
}

function buttonsOf(ids: readonly KnownButton[]): Notice["buttons"] {
  return ids.map((id) => ({ id, label: labelOf(id) }));
}

/** Buttons whose label is always the same. */
type KnownButton = Exclude<PageButton, "change" | "cure" | "copy" | "edit-config">;

function labelOf(button: KnownButton): string {
  switch (button) {
    case "retry":
      return l10n.t("Try Again");
    case "reconnect":
      return l10n.t("Reconnect Now");
    case "restart":
      return l10n.t("Restart");
    case "stop-again":
      return l10n.t("Try Again");
    case "start-again":
      return l10n.t("Start Again");
    case "run-again":
      return l10n.t("Run Again");
    case "open-with":
      return l10n.t("Open Viewer With…");
    case "open-in-browser":
      return l10n.t("Open in Browser");
    case "compare-keys":
      return l10n.t("Compare Keys");
    case "diagnose":
      return l10n.t("Diagnose Connection");
    case "edit-connection":
      return l10n.t("Edit Connection");
    case "show-log":
      return l10n.t("Show Log");
    case "connect":
      return l10n.t("Connect to Host…");
    case "cancel":
      return l10n.t("Cancel");
    case "close":
      return l10n.t("Close");
  }
}
