import * as l10n from "@vscode/l10n";
import type { JobEnd } from "../../slurm/model/job.js";
import { quoted } from "../failureWords.js";

/** Why a job waits: a sentence for each of Slurm's words that people meet, and its own word for the others. */
export function queueReason(reason: string): string {
  switch (reason) {
    case "None":
      return l10n.t("The cluster is looking for a place.");
    case "Resources":
      return l10n.t("Waiting for nodes to become free.");
    case "Priority":
      return l10n.t("Other jobs come first.");
    case "PartitionTimeLimit":
      return l10n.t("The time is longer than the partition allows.");
    case "PartitionNodeLimit":
      return l10n.t("The job asks for more nodes than the partition allows.");
    case "PartitionDown":
    case "PartitionInactive":
      return l10n.t("The partition takes no jobs now.");
    case "JobHeldUser":
      return l10n.t("The job is held. Release it with scontrol release.");
    case "JobHeldAdmin":
      return l10n.t("An administrator holds the job.");
    case "BeginTime":
      return l10n.t("The job is to begin later.");
    case "ReqNodeNotAvail":
      return l10n.t("The nodes that it needs are not available.");
    case "Reservation":
      return l10n.t("Waiting for its reservation.");
    case "Licenses":
      return l10n.t("Waiting for a license.");
    case "Dependency":
      return l10n.t("Waiting for another job.");
    case "DependencyNeverSatisfied":
      return l10n.t("The job that it waits for did not end as it should.");
    case "BadConstraints":
      return l10n.t("No node is as the job wants it.");
    default:
      return /^(?:QOS|Assoc|Max)/.test(reason)
        ? l10n.t("A limit of your account is reached: {0}", quoted(reason))
        : l10n.t("Waiting: {0}", quoted(reason));
  }
}

/** How a job ended. */
export function jobEnd(how: JobEnd): string {
  switch (how) {
    case "completed":
      return l10n.t("The job has ended.");
    case "timeLimit":
      return l10n.t("The job has reached its time limit.");
    case "preempted":
      return l10n.t("The job was ended for one with a higher priority.");
    case "cancelled":
      return l10n.t("The job was cancelled.");
    case "nodeFailed":
      return l10n.t("The job's node failed.");
    case "outOfMemory":
      return l10n.t("The job used more memory than it asked for.");
    case "failed":
      return l10n.t("The job failed.");
    case "forgotten":
      return l10n.t("The job has ended; the cluster no longer knows how.");
  }
}
