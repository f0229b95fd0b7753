import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { hostName } from "../../messages/hostName.js";
import { jobStateText } from "../../messages/slurm/jobWords.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { requestFor } from "../../savedConnections.js";
import { isSlurmFailure } from "../../slurm/model/failures.js";
import type { JobState } from "../../slurm/model/job.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Interaction } from "../../ssh/model/interaction.js";
import { jobTarget } from "../../ssh/model/jobTarget.js";
import { PutOff } from "../jobKit/putOff.js";
import type { OpeningProgress, ViewerChoice } from "../kit/progress.js";
import type { ChosenWhere } from "./askWhere.js";

/** Milliseconds of waiting that are not worth a word: a free node takes that long too. */
const shortWait = 3_000;

export interface JobOpening {
  readonly login: Connection;
  readonly progress: OpeningProgress;
  /** Whether a person is there: without one, no job is asked for. */
  readonly attended: boolean;
  /** Answers where the login node was lost meanwhile. */
  readonly interaction: Interaction;
  readonly choice: ViewerChoice;
}

export interface OpenedJob {
  readonly connection: Connection;
  /** Removes the job again where it was asked for here and nothing was started in it. */
  readonly giveUp: () => Promise<void>;
}

/**
 * A connection into a job: of ours that waits or runs, else one that is asked for. The wait for it is shown, and may last
 * for days; whoever cancels it has the job removed, if it is one of ours.
 * @throws Failure with a `SlurmFailure` or `SshFailure`; Cancelled.
 */
export async function openJob(
  { slurm, connections, savedConnections }: Pick<App, "slurm" | "connections" | "savedConnections">,
  { login, progress, attended, interaction, choice }: JobOpening,
  wanted: ChosenWhere,
): Promise<OpenedJob> {
  const { where } = wanted;
  const title = l10n.t("Asking {0} for a job…", hostName(login.target.host));
  const saved = await savedConnections.get(savedIdOf(login.target));
  return progress({ step: "job", title, choice, where }, async (signal, report) => {
    const { jobId, isNew } = await jobFor(slurm, login, wanted, { attended, signal });
    const isOurs = where.kind === "job";
    const told = tellStates(report);
    try {
      await slurm.untilRunning(login, jobId, signal, told.hear);
      report(l10n.t("opening a way into the job…"));
      // The wait may have been longer than the connection lived.
      if (login.state !== "open")
        await connections.connect(requestFor({ ...saved, target: login.target }), interaction, { signal });
      const target = jobTarget({ login: login.target, jobId });
      const connection = await connections.connect({ target }, interaction, { signal });
      return { connection, giveUp: () => (isNew ? slurm.cancel(login, jobId) : Promise.resolve()) };
    } catch (error) {
      if (isOurs && isToRemove(error, signal, isNew)) {
        report(l10n.t("removing the job…"));
        await slurm.cancel(login, jobId);
      }
      throw error;
    } finally {
      told.dispose();
    }
  });
}

/** Whether a job is of no use any more: nobody wants it, it never starts, or nothing leads into it. */
function isToRemove(error: unknown, { aborted, reason }: AbortSignal, isNew: boolean): boolean {
  if (aborted) return !(reason instanceof PutOff);
  if (isSlurmFailure(error, "job-stuck")) return !error.detail.reason.startsWith("JobHeld");
  return isNew && isSlurmFailure(error, "job-not-reached");
}

async function jobFor(
  slurm: App["slurm"],
  login: Connection,
  { where, jobId }: ChosenWhere,
  { attended, signal }: { readonly attended: boolean; readonly signal: AbortSignal },
): Promise<{ readonly jobId: string; readonly isNew: boolean }> {
  if (jobId !== undefined) return { jobId, isNew: false };
  if (where.kind === "running") return { jobId: where.jobId, isNew: false };
  if (where.kind === "login") throw new Error("the login node is no job");
  if (!attended) throw new Cancelled();
  const { id } = await slurm.submit(login, where.request, signal);
  return { jobId: id, isNew: true };
}

/** Says how the job is, once the wait is worth a word. */
function tellStates(report: (message: string) => void) {
  let last: JobState | undefined;
  let isLong = false;
  const tell = (): void => {
    if (isLong && last && last.kind !== "running") report(jobStateText(last));
  };
  const timer = setTimeout(() => {
    isLong = true;
    tell();
  }, shortWait);
  return {
    hear: (state: JobState) => {
      last = state;
      tell();
    },
    dispose: () => clearTimeout(timer),
  };
}
