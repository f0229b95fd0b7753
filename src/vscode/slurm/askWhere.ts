import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { hostName } from "../../messages/hostName.js";
import type { Job } from "../../slurm/model/job.js";
import type { JobRequest } from "../../slurm/model/jobRequest.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Where } from "../../where.js";
import { answerOf, askJob } from "./askJob.js";
import { type Cluster, firstRequest } from "./jobForm.js";
import { whereRows } from "./whereRows.js";

/** The user's choice. */
export interface ChosenWhere {
  readonly where: Where;
  /** A queued or running job of ours; undefined for one that is yet to be submitted. */
  readonly jobId?: string;
  /** Our jobs that the user saw but did not choose; any other one is reused. Default: none. */
  readonly known?: readonly string[];
}

interface WhereQuestion {
  readonly facts: Cluster;
  /** The last answer. */
  readonly before: Where | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Asks where on a cluster to run the viewer. Pressing Enter twice requests a job as small as a viewer needs.
 * @throws Cancelled
 */
export async function askWhere(
  slurm: App["slurm"],
  login: Connection,
  { facts, before, signal }: WhereQuestion,
): Promise<ChosenWhere> {
  const request = before?.kind === "job" ? before.request : firstRequest(facts);
  const known = await jobsThere(slurm, login, facts, signal);
  for (;;) {
    const chosen = await pickWhere(login, facts, { request, before, ...known }, signal);
    switch (chosen.kind) {
      case "login":
        return { where: { kind: "login" } };
      case "running":
        return { where: { kind: "running", jobId: chosen.job.id } };
      case "our-job":
        return { where: { kind: "job", request }, jobId: chosen.job.id };
      case "new-job": {
        const asked = await askJob(hostName(login.target.host), facts, request, signal);
        if (asked !== "back")
          return { where: { kind: "job", request: asked }, known: known.ours.map(({ id }) => id) };
      }
    }
  }
}

interface Known {
  readonly request: JobRequest;
  readonly before: Where | undefined;
  readonly ours: readonly Job[];
  readonly others: readonly Job[];
}

/** Lists jobs; none if the cluster does not answer, so that the question still appears. */
async function jobsThere(
  slurm: App["slurm"],
  login: Connection,
  { isAnswering }: Cluster,
  signal: AbortSignal | undefined,
): Promise<Pick<Known, "ours" | "others">> {
  if (!isAnswering) return { ours: [], others: [] };
  const none = (error: unknown): readonly Job[] => {
    if (error instanceof Cancelled) throw error;
    return [];
  };
  const [ours, others] = await Promise.all([
    slurm.list(login, signal).catch(none),
    slurm.others(login, signal).catch(none),
  ]);
  return { ours, others };
}

interface WhereItem extends vscode.QuickPickItem {
  readonly choice?: ReturnType<typeof whereRows>[number]["choice"];
}

async function pickWhere(
  { target }: Connection,
  facts: Cluster,
  { request, before, ours, others }: Known,
  signal: AbortSignal | undefined,
) {
  const pick = vscode.window.createQuickPick<WhereItem>();
  pick.title = l10n.t("Where should the viewer run?");
  pick.placeholder = l10n.t(
    "{0} leads to a cluster with Slurm. The answer is kept for this host.",
    hostName(target.host),
  );
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  const rows = whereRows(facts, request, ours, others);
  const firstOther = rows.findIndex(({ choice }) => choice.kind === "running");
  pick.items = rows.flatMap((row, index): WhereItem[] =>
    index === firstOther
      ? [{ label: l10n.t("Your running jobs"), kind: vscode.QuickPickItemKind.Separator }, row]
      : [row],
  );
  const active = pick.items.find(({ choice }) => choice?.kind === before?.kind);
  if (before?.kind === "login" && active) pick.activeItems = [active];
  const answer = await answerOf(pick, signal);
  if (answer === "back" || !answer.choice) throw new Cancelled();
  return answer.choice;
}
