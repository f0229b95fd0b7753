import * as l10n from "@vscode/l10n";
import { quoted } from "../failureWords.js";

/** Translates Slurm's reason for a pending job (`squeue -o %r`) into the end of a sentence. Quotes an unknown one. */
export function reasonText(reason: string): string {
  const word = firstWord(reason);
  return knownReason(word) ?? limitReason(word) ?? l10n.t("Slurm says: {0}", quoted(reason));
}

/** Slurm may append details, such as node names. */
function firstWord(reason: string): string {
  return /^\w*/.exec(reason.trim().replace(/^\(/, ""))?.[0] ?? "";
}

function knownReason(word: string): string | undefined {
  switch (word) {
    case "":
    case "None":
    case "Prolog":
    case "Cleaning":
      return l10n.t("it is being placed");
    case "Resources":
      return l10n.t("no node has enough free CPUs, memory or GPUs yet");
    case "Priority":
      return l10n.t("jobs with a higher priority come first");
    case "Dependency":
      return l10n.t("it waits for another job to end");
    case "BeginTime":
      return l10n.t("it may not begin yet");
    case "Licenses":
      return l10n.t("it waits for a free license");
    case "Reservation":
      return l10n.t("its reservation has not begun");
    case "ReqNodeNotAvail":
      return l10n.t("nodes that it needs are down or reserved");
    case "NodeDown":
      return l10n.t("a node that it needs is down");
    case "PartitionDown":
    case "PartitionInactive":
      return l10n.t("its partition is closed now");
    case "PartitionConfig":
      return l10n.t("its partition does not allow now what it asks for");
    default:
      return undefined;
  }
}

/** Reasons for limits consist of the scope (QOS, Assoc…) and the resource. */
function limitReason(word: string): string | undefined {
  if (/^QOS(Max)?Jobs|^QOSMaxSubmitJob/.test(word))
    return l10n.t("you already run as many jobs as the QOS allows");
  if (/^(AssociationJobLimit$|AssocMaxJobs|AssocMaxSubmitJob)/.test(word))
    return l10n.t("you already run as many jobs as your account allows");
  if (/^QOSGrp/.test(word)) return l10n.t("all jobs of its QOS together use what they may");
  if (/^AssocGrp/.test(word)) return l10n.t("all jobs of your account together use what they may");
  if (/^QOS/.test(word)) return l10n.t("your jobs use all that the QOS gives to one user");
  if (/^Assoc/.test(word)) return l10n.t("your jobs use all that your account gives to one user");
  return undefined;
}

/** Why a job never starts on its own, with advice. */
export interface NeverStarts {
  readonly message: string;
  readonly advice: string;
}

/** @param jobId for the suggested command. @returns undefined for a reason that is only temporary. */
export function neverStarts(reason: string, jobId: string): NeverStarts | undefined {
  const word = firstWord(reason);
  return heldOrBroken(word, jobId) ?? asksTooMuch(word);
}

function heldOrBroken(word: string, jobId: string): NeverStarts | undefined {
  switch (word) {
    case "JobHeldUser":
      return {
        message: l10n.t("The job is held, and does not start until it is released."),
        advice: l10n.t(
          "Release it on the host with: scontrol release {0}. Or cancel it and run another.",
          jobId,
        ),
      };
    case "JobHeldAdmin":
      return {
        message: l10n.t("An administrator of the cluster holds the job."),
        advice: l10n.t("Ask the administrator why, or choose another partition, account or QOS."),
      };
    case "DependencyNeverSatisfied":
      return {
        message: l10n.t("The job that it waits for has failed, so it never starts."),
        advice: l10n.t("Remove the dependency from the further options."),
      };
    case "ReservationDeleted":
      return {
        message: l10n.t("The reservation that it asks for does not exist any more."),
        advice: l10n.t("Remove the reservation from the further options."),
      };
    case "JobLaunchFailure":
    case "launch":
      return {
        message: l10n.t("The node could not start the job."),
        advice: l10n.t("Run it again. If that repeats itself, tell the administrator of the cluster."),
      };
    case "InvalidAccount":
    case "AccountNotAllowed":
      return {
        message: l10n.t("The account of the job may not be used in this partition."),
        advice: l10n.t("Choose another account or partition."),
      };
    case "InvalidQOS":
    case "QOSNotAllowed":
      return {
        message: l10n.t("The QOS of the job may not be used in this partition."),
        advice: l10n.t("Choose another QOS or partition."),
      };
    default:
      return undefined;
  }
}

function asksTooMuch(word: string): NeverStarts | undefined {
  if (word === "PartitionTimeLimit")
    return {
      message: l10n.t("The job asks for more time than its partition allows, so it never starts."),
      advice: l10n.t("Choose a shorter time or another partition."),
    };
  if (/^(QOS|Assoc)MaxWall/.test(word))
    return {
      message: l10n.t("The job asks for more time than its account or QOS allows, so it never starts."),
      advice: l10n.t("Choose a shorter time, another account or another QOS."),
    };
  if (word === "BadConstraints" || word === "PartitionNodeLimit")
    return {
      message: l10n.t("The job asks for more than any node of its partition has, so it never starts."),
      advice: l10n.t("Ask for less, or choose another partition."),
    };
  if (/^(QOS|Assoc).*PerJob|^QOSMin|NotSatisfied$/.test(word))
    return {
      message: l10n.t(
        "The job does not keep to a limit of its account or QOS, so it never starts: {0}",
        word,
      ),
      advice: l10n.t("Ask for less, or choose another account or QOS."),
    };
  return undefined;
}
