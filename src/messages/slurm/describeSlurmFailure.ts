import * as l10n from "@vscode/l10n";
import type { SlurmFailure } from "../../slurm/model/failures.js";
import { type FailureWords, quoted, words } from "../failureWords.js";
import { hostName } from "../hostName.js";
import { fieldName } from "./fieldNames.js";
import { endWords, stuckWords } from "./jobWords.js";
import { reasonText } from "./queueReasons.js";

/** Describes failures of jobs, and of connections into them. */
export function describeSlurmFailure(failure: SlurmFailure): FailureWords {
  switch (failure.code) {
    case "job-request-invalid":
      return words(
        l10n.t("{0} cannot be used for the job: {1}", fieldName(failure.field), quoted(failure.text)),
        l10n.t("Change it and try again."),
      );
    case "job-option-not-allowed":
      return words(
        l10n.t("The option {0} cannot be given for the job.", quoted(failure.option)),
        l10n.t("Runicorn Remote sets it itself, or would not find the job again."),
      );
    case "slurm-missing":
      return words(
        l10n.t("{0} has no Slurm.", hostName(failure.host)),
        l10n.t("Its commands were looked for in PATH, in the usual places and in the login shell's PATH."),
      );
    case "job-refused":
      return words(
        l10n.t("The cluster did not take the job: {0}", quoted(failure.said)),
        l10n.t("Change what the job asks for."),
        { output: failure.said },
      );
    case "slurm-silent":
      return words(
        l10n.t("The cluster of {0} does not answer.", hostName(failure.host)),
        l10n.t("What runs there goes on. Try again a little later."),
        { action: "retry", output: failure.said },
      );
    case "slurm-failed":
      return words(
        l10n.t("Slurm on {0} said: {1}", hostName(failure.host), quoted(failure.said)),
        l10n.t("Try the same command there by hand."),
        { action: "retry", output: failure.said },
      );
    case "job-unknown":
      return words(
        l10n.t("{0} knows no job {1} of yours.", hostName(failure.host), failure.jobId),
        l10n.t("It may have ended a while ago."),
      );
    case "job-queued":
      return words(
        l10n.t(
          "Job {0} on {1} does not run yet: {2}.",
          failure.jobId,
          hostName(failure.host),
          reasonText(failure.reason),
        ),
        l10n.t("It keeps its place in the queue. Try again when it runs."),
        { action: "retry" },
      );
    case "job-stuck": {
      const { message, advice } = stuckWords(failure.reason, jobOf(failure));
      return words(message, advice);
    }
    case "job-ended": {
      const { message, advice } = endWords(failure.how, jobOf(failure));
      return words(message, advice, { action: "restart" });
    }
    case "job-not-ended":
      return words(
        l10n.t("Job {0} on {1} has not ended yet.", failure.jobId, hostName(failure.host)),
        l10n.t("The cluster was asked to end it a minute ago. Look for it in its queue with squeue."),
        { action: "retry" },
      );
    case "job-not-reached":
      return notReached(failure);
  }
}

function jobOf({ jobId, host }: { readonly jobId: string; readonly host: string }) {
  return { id: jobId, host };
}

/** Explains why SSH to a node failed. @param reason a failure code without its facts, or text of another program. */
function jumpText(reason: string): string {
  switch (reason) {
    case "authentication-failed":
      return l10n.t("it let nobody in.");
    case "connect-timed-out":
    case "connection-refused":
    case "network-unreachable":
    case "hop-failed":
      return l10n.t("it was not reached.");
    case "host-key-not-trusted":
    case "host-key-changed":
      return l10n.t("its host key is not trusted.");
    default:
      return quoted(reason);
  }
}

function notReached({
  jobId,
  node,
  step,
  jump,
}: Extract<SlurmFailure, { code: "job-not-reached" }>): FailureWords {
  const reasons = [
    ...(step === undefined ? [] : [l10n.t("By a step of the job: {0}", quoted(step))]),
    ...(jump === undefined ? [] : [l10n.t("By SSH to the node: {0}", jumpText(jump))]),
  ];
  const isFull = step !== undefined && /^\/tmp of \S+ is full$/.test(step);
  return words(
    l10n.t("Nothing leads into job {0} on {1}. {2}", jobId, quoted(node), reasons.join(" ")),
    isFull
      ? l10n.t("Ask the administrator to make room there, or ask for another node.")
      : l10n.t("Ask the administrator for sshd on the nodes, or for SSH to nodes where you have a job."),
    { action: "retry" },
  );
}
