import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { pause } from "../../common/async/pause.js";
import { Cancelled } from "../../common/failure.js";
import { hostName } from "../../messages/hostName.js";
import { jobStateText } from "../../messages/slurm/jobWords.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { requestFor } from "../../savedConnections.js";
import { isSlurmFailure } from "../../slurm/model/failures.js";
import { isWaiting, type JobState } from "../../slurm/model/job.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Interaction } from "../../ssh/model/interaction.js";
import { isBehind, jobOf, jobTarget } from "../../ssh/model/jobTarget.js";
import type { TakenJob } from "../../takeJob.js";
import { PutOff } from "../jobKit/putOff.js";
import type { OpeningProgress, ViewerChoice } from "../kit/progress.js";
import type { ChosenWhere } from "./askWhere.js";

/** Milliseconds of waiting before it is reported: even a free node takes that long. */
const shortWait = 3_000;

/** Milliseconds in which a released job ends: its keeper lingers for three seconds. */
const releasePatience = 6_000;

export interface JobOpening {
  readonly login: Connection;
  readonly progress: OpeningProgress;
  /** Whether the user can be asked; otherwise no job is submitted. */
  readonly attended: boolean;
  /** For reconnecting to the login node if it was lost meanwhile. */
  readonly interaction: Interaction;
  readonly choice: ViewerChoice;
}

export interface OpenedJob {
  readonly connection: Connection;
  /** Lets the job end if it was submitted here and has no viewer from anywhere. Never rejects. */
  readonly giveUp: () => Promise<void>;
}

type Parts = Pick<App, "slurm" | "connections" | "savedConnections" | "viewers" | "takeJob">;

/**
 * Opens a connection into a job of ours, or into a new one. Shows progress while it is queued, perhaps for days;
 * cancelling the wait cancels the job, if it is ours. A running job is cancelled only if it was submitted here: another
 * window or laptop may have a viewer in it. Takes another one if a job that was there ends by itself meanwhile.
 * @throws Failure with a `SlurmFailure` or `SshFailure`; Cancelled.
 */
export async function openJob(
  app: Parts,
  { login, progress, attended, interaction, choice }: JobOpening,
  wanted: ChosenWhere,
): Promise<OpenedJob> {
  const { slurm, connections, savedConnections } = app;
  const { where } = wanted;
  const title = l10n.t("Asking {0} for a job…", hostName(login.target.host));
  const saved = await savedConnections.get(savedIdOf(login.target));
  return progress({ step: "job", title, choice, where }, async (signal, report) => {
    const onDoubt = (): void => report(l10n.t("We do not know whether the job was submitted. Looking…"));
    const taking = { attended, signal, onDoubt };
    const isOurs = where.kind === "job";
    const enter = async ({ jobId, isNew }: TakenJob): Promise<OpenedJob> => {
      const target = jobTarget({ login: login.target, jobId });
      const told = tellStates(report);
      try {
        await slurm.untilRunning(login, jobId, signal, told.hear);
        report(l10n.t("opening a way into the job…"));
        // The connection may have been lost during the wait.
        if (login.state !== "open")
          await connections.connect(requestFor({ ...saved, target: login.target }), interaction, { signal });
        const connection = await connections.connect({ target }, interaction, { signal });
        return { connection, giveUp: () => (isNew ? release(app, connection) : Promise.resolve()) };
      } catch (error) {
        if (isOurs && isUseless(error, signal, isNew)) {
          report(l10n.t("cancelling the job…"));
          await remove(app, login, jobId, isNew);
        }
        throw error;
      } finally {
        told.dispose();
      }
    };
    const first = await jobFor(app, login, wanted, taking);
    try {
      return await enter(first);
    } catch (error) {
      if (!isOurs || first.isNew || !isOverByItself(error)) throw error;
      const known = [...(wanted.known ?? []), first.jobId];
      return enter(await jobFor(app, login, { where, known }, taking));
    }
  });
}

/** Whether a job that was there has ended meanwhile without a viewer, as it does: another one does as well. */
function isOverByItself(error: unknown): boolean {
  return isSlurmFailure(error, "job-ended") && error.detail.how === "completed";
}

/** Whether a job is useless: it is no longer wanted, never starts, or cannot be reached. */
function isUseless(error: unknown, { aborted, reason }: AbortSignal, isNew: boolean): boolean {
  if (aborted) return !(reason instanceof PutOff);
  if (isSlurmFailure(error, "job-stuck")) return !error.detail.reason.startsWith("JobHeld");
  return isNew && isSlurmFailure(error, "job-not-reached");
}

/**
 * Cancels a queued job of ours. A running one is cancelled only if it was submitted here and has no known viewer; else
 * it ends by itself after its grace time.
 * @throws like `slurm.list` and `slurm.cancel`.
 */
async function remove(
  { slurm, connections, viewers }: Parts,
  given: Connection,
  jobId: string,
  isNew: boolean,
): Promise<void> {
  const login = connections.get(given.id) ?? given;
  // The last known state may be half a minute old.
  const job = (await slurm.list(login)).find(({ id }) => id === jobId);
  if (!job) return;
  const isUsed = viewers.sessions.some(
    ({ id, connectionId }) =>
      isBehind(connectionId, login.id) && jobOf(viewers.targetOf(id) ?? { host: "" })?.jobId === jobId,
  );
  if (isWaiting(job.state) || (isNew && !isUsed)) await slurm.cancel(login, jobId);
}

/** Releases a job; its keeper knows whether it has viewers. */
async function release({ slurm, viewers }: Parts, inside: Connection): Promise<void> {
  if (viewers.sessions.some(({ connectionId }) => connectionId === inside.id)) return;
  await slurm.release(inside);
  // An immediate retry must not find a job that is about to end.
  const gone = new AbortController();
  const heard = inside.onDidClose(() => gone.abort());
  await pause(releasePatience, gone.signal);
  heard.dispose();
  await inside.close();
}

async function jobFor(
  { takeJob }: Parts,
  login: Connection,
  { where, jobId, known }: ChosenWhere,
  {
    attended,
    signal,
    onDoubt,
  }: { readonly attended: boolean; readonly signal: AbortSignal; readonly onDoubt: () => void },
): Promise<TakenJob> {
  if (jobId !== undefined) return { jobId, isNew: false };
  if (where.kind === "running") return { jobId: where.jobId, isNew: false };
  if (where.kind === "login") throw new Error("the login node is no job");
  if (!attended) throw new Cancelled();
  return takeJob(login, where.request, { known, signal, onDoubt });
}

/** Reports the state of the job, once the wait is long enough. */
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
