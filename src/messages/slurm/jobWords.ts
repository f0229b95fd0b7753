import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import type { Job, JobEnd, JobState } from "../../slurm/model/job.js";
import { hostName } from "../hostName.js";
import { expectedText, leftText } from "./jobTimes.js";
import { neverStarts, reasonText } from "./queueReasons.js";

/** Describes the state of a job. */
export function jobStateText(state: JobState, now = Date.now()): string {
  switch (state.kind) {
    case "queued":
      return listed(queuedText(state), expected(state, now));
    case "running":
      return listed(displayText(state.node), left(state, now));
    case "ended":
      return endText(state.how);
    case "unknown":
      return state.why === "controller"
        ? l10n.t("state unknown: the cluster does not answer")
        : l10n.t("state unknown: the login node is not reached");
  }
}

function listed(first: string, second: string | undefined): string {
  return second === undefined ? first : l10n.t("{0}, {1}", first, second);
}

type Queued = Extract<JobState, { kind: "queued" }>;

function queuedText({ reason, isStuck }: Queued): string {
  return isStuck ? l10n.t("does not start") : l10n.t("queued: {0}", reasonText(reason));
}

function expected({ expectedStart, isStuck }: Queued, now: number): string | undefined {
  return expectedStart === undefined || isStuck ? undefined : expectedText(expectedStart, now);
}

function left({ endsAt }: Extract<JobState, { kind: "running" }>, now: number): string | undefined {
  return endsAt === undefined ? undefined : leftText(endsAt, now);
}

/** Describes how a job ended. */
export function endText(how: JobEnd): string {
  switch (how) {
    case "completed":
    case "forgotten":
      return l10n.t("the job ended");
    case "timeLimit":
      return l10n.t("time limit reached");
    case "preempted":
      return l10n.t("preempted");
    case "cancelled":
      return l10n.t("cancelled by scancel");
    case "nodeFailed":
      return l10n.t("the node was lost");
    case "outOfMemory":
      return l10n.t("out of memory");
    case "failed":
      return l10n.t("the job failed");
  }
}

/** A message about a job, with advice. */
export interface JobWords {
  readonly message: string;
  readonly advice: string;
}

/** Describes in a sentence how a job ended, with advice. */
export function endWords(how: JobEnd, { id, host }: Pick<Job, "id"> & { readonly host: string }): JobWords {
  const name = hostName(host);
  const again = l10n.t("The runs are not touched. Run the viewer again in another job.");
  switch (how) {
    case "completed":
      return {
        message: l10n.t("Job {0} on {1} has ended, and the viewer with it.", id, name),
        advice: again,
      };
    case "timeLimit":
      return {
        message: l10n.t("Job {0} on {1} has reached its time limit.", id, name),
        advice: l10n.t("The runs are not touched. Run the viewer again, or in a job with a longer time."),
      };
    case "preempted":
      return {
        message: l10n.t("Job {0} on {1} was preempted: another job needed its place.", id, name),
        advice: again,
      };
    case "cancelled":
      return {
        message: l10n.t("Job {0} on {1} was cancelled with scancel, by you or an administrator.", id, name),
        advice: again,
      };
    case "nodeFailed":
      return { message: l10n.t("The node of job {0} on {1} was lost.", id, name), advice: again };
    case "outOfMemory":
      return {
        message: l10n.t("Job {0} on {1} needed more memory than it had.", id, name),
        advice: l10n.t("The runs are not touched. Run the viewer again in a job with more memory."),
      };
    case "failed":
      return {
        message: l10n.t("Job {0} on {1} failed.", id, name),
        advice: l10n.t(
          "Run the viewer again in another job. If that fails too, ask the administrator of the cluster.",
        ),
      };
    case "forgotten":
      return {
        message: l10n.t("Job {0} on {1} has ended; the cluster does not say why.", id, name),
        advice: again,
      };
  }
}

/** Says that a job will never start on its own, with advice. */
export function stuckWords(
  reason: string,
  { id, host }: Pick<Job, "id"> & { readonly host: string },
): JobWords {
  return (
    neverStarts(reason, id) ?? {
      message: l10n.t("Job {0} on {1} does not start: {2}.", id, hostName(host), reasonText(reason)),
      advice: l10n.t("Cancel it, and run another job."),
    }
  );
}
