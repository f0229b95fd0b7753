import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { jobStateText } from "../../messages/slurm/jobWords.js";
import type { Job } from "../../slurm/model/job.js";
import type { JobRequest } from "../../slurm/model/jobRequest.js";
import { type Cluster, requestText } from "./jobForm.js";

/** A choice of where to run on a cluster. */
export interface WhereRow {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly choice:
    /** Asks what to request. */
    | { readonly kind: "new-job" }
    /** A queued or running job of ours. */
    | { readonly kind: "our-job"; readonly job: Job }
    | { readonly kind: "running"; readonly job: Job }
    | { readonly kind: "login" };
}

/**
 * Choices of where to run a viewer on a cluster, most likely ones first.
 * @param ours our queued and running jobs.
 * @param others other running jobs of the user.
 */
export function whereRows(
  facts: Cluster,
  request: JobRequest,
  ours: readonly Job[],
  others: readonly Job[],
): readonly WhereRow[] {
  return [
    ...ours.map((job): WhereRow => ({
      label: `$(server-process) ${l10n.t("Job {0}, which is there already", job.id)}`,
      description: jobStateText(job.state),
      choice: { kind: "our-job", job },
    })),
    {
      label: `$(server-process) ${ours.length === 0 ? l10n.t("A Job") : l10n.t("Another Job")}`,
      description: facts.isAnswering
        ? requestText(request, facts)
        : l10n.t("the cluster does not answer now"),
      detail: l10n.t("On a node of the cluster, as soon as one is free, until its time limit."),
      choice: { kind: "new-job" },
    },
    {
      label: `$(server) ${l10n.t("The Login Node")}`,
      detail: l10n.t("At once, beside everybody else. Many clusters end long programs there."),
      choice: { kind: "login" },
    },
    ...others.map((job): WhereRow => ({
      label: `$(vm-running) ${l10n.t("Job {0}: {1}", job.id, displayText(job.name))}`,
      description: [displayText(job.partition), jobStateText(job.state)].join(" · "),
      choice: { kind: "running", job },
    })),
  ];
}
