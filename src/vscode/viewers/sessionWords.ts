import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { hostName } from "../../messages/hostName.js";
import { endText, jobStateText } from "../../messages/slurm/jobWords.js";
import type { ViewerChoice } from "../kit/progress.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import type { ReconnectWait, ViewerSession } from "../../viewer/session/session.js";
import { endOfJob, type SessionJob } from "../jobKit/jobOfSession.js";

/** A short name for a session: the name of its root's folder, and its host. */
export function sessionTitle({ root, host }: ViewerSession): string {
  return titleFrom(root, host);
}

/** The same for a place. */
export function placeTitle({ root, target }: ViewerPlace): string {
  return root === undefined ? hostName(target.host) : titleFrom(root, target.host);
}

/** The same without the host. */
export function rootTitle({ root }: Pick<ViewerSession, "root">): string {
  return displayText(posix.basename(root) || root);
}

function titleFrom(root: string, host: string): string {
  return `${rootTitle({ root })} · ${hostName(host)}`;
}

/** The text of the parameters of a viewer, and why they were not asked for. */
export function choiceText({ environment, root, environmentReason, rootReason }: ViewerChoice): string {
  const { name, runicornVersion } = environment;
  return [
    displayText(name),
    ...withReason(
      runicornVersion === undefined ? [] : [`Runicorn ${displayText(runicornVersion)}`],
      environmentReason,
    ),
    ...withReason([displayText(root)], rootReason),
  ].join(" · ");
}

function withReason(texts: readonly string[], reason: string | undefined): readonly string[] {
  return reason === undefined
    ? texts
    : [...texts.slice(0, -1), l10n.t("{0} ({1})", texts.at(-1) ?? "", reason)];
}

/** The text of what a reconnecting session waits for. */
function reconnectText(wait: ReconnectWait): string {
  switch (wait.kind) {
    case "connecting":
    case "until":
      return l10n.t("reconnecting…");
    case "person":
      return l10n.t("not connected");
  }
}

/** The text of a session's state. @param job the job of its viewer */
export function sessionStateText({ state }: ViewerSession, job?: SessionJob): string {
  switch (state.kind) {
    case "starting":
      return state.phase === "launching" ? l10n.t("starting…") : l10n.t("opening the tunnel…");
    case "running":
      return job?.state ? jobStateText(job.state) : l10n.t("running");
    case "reconnecting":
      return reconnectText(state.wait);
    case "stopping":
      return l10n.t("stopping…");
    case "stopped":
      return state.onHost.kind === "unconfirmed" ? l10n.t("stop not confirmed") : l10n.t("stopped");
    case "failed": {
      const end = endOfJob({ state });
      if (end) return endText(end.how);
      return l10n.t("failed: {0}", describeFailure(state.failure).message);
    }
  }
}
