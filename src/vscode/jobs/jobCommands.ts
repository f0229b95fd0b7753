import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { hostName } from "../../messages/hostName.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { loginOf } from "../../ssh/model/jobTarget.js";
import type { Target } from "../../ssh/model/target.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { jobCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import type { LateViewers } from "../lateViewers.js";
import { openViewerAt } from "../flows/openLastViewer.js";
import { chosenOf, dataOf } from "../selection/chosen.js";
import { confirm, listed } from "../selection/confirm.js";
import { cancelJobs, type ChosenJob } from "./cancelJobs.js";

export function jobHandlers(ui: Ui, panels: LateViewers["panels"]): Handlers<typeof jobCommandIds> {
  return {
    [jobCommandIds.runAgain]: async (argument: unknown) => {
      const app = await ui.app();
      const id = typeof argument === "string" ? argument : dataOf(argument, "session")?.session.id;
      const session = id === undefined ? undefined : app.viewers.get(id);
      if (session) await runAgain(ui, app, session, panels);
    },
    [jobCommandIds.cancel]: async (argument: unknown, selection: unknown) => {
      const app = await ui.app();
      const chosen = chosenOf(argument, selection, "job");
      const jobs = chosen.flatMap(({ job: { loginId, jobId } }) => {
        const login = app.connections.get(loginId);
        return login ? [{ login, jobId }] : [];
      });
      const away = chosen.filter(({ job: { loginId } }) => !app.connections.get(loginId));
      if (away.length > 0)
        void vscode.window.showWarningMessage(
          l10n.t(
            "Not cancelled, because the login node is not reached: {0}. What waits keeps its place in the queue.",
            away.map(({ job: { jobId }, target }) => jobName(jobId, target)).join(", "),
          ),
        );
      const unknown = await cancelJobs(app.slurm, jobs, (started) => mayEnd(started, jobs.length));
      if (unknown.length > 0)
        void vscode.window.showWarningMessage(
          l10n.t("Not cancelled, because the cluster does not say how it is now: {0}", namesOf(unknown)),
        );
    },
  };
}

/** Asks whether to end jobs that have started since they were chosen. @throws Cancelled */
function mayEnd(started: readonly ChosenJob[], chosen: number): Promise<void> {
  const [question, agree] =
    chosen === 1
      ? [l10n.t("{0} has started meanwhile. End it?", namesOf(started)), l10n.t("End Job")]
      : [
          l10n.t("{0} of {1} jobs have started meanwhile. End all that you chose?", started.length, chosen),
          l10n.t("End Jobs"),
        ];
  const told = l10n.t("A viewer of another window, or of another machine of yours, may run there.");
  return confirm(question, agree, chosen === 1 ? told : `${listed(started.map(nameOf))}\n\n${told}`);
}

function nameOf({ login, jobId }: ChosenJob): string {
  return jobName(jobId, login.target);
}

/** @param login where the job was submitted. */
function jobName(jobId: string, login: Target): string {
  return l10n.t("Job {0} on {1}", jobId, hostName(login.host));
}

function namesOf(jobs: readonly ChosenJob[]): string {
  return jobs.map(nameOf).join(", ");
}

/** Restarts the viewer of an ended job in a new one with the same request. */
async function runAgain(
  ui: Ui,
  app: App,
  { id, host, environment, root }: ViewerSession,
  panels: LateViewers["panels"],
): Promise<void> {
  const target = loginOf(app.viewers.targetOf(id) ?? { host });
  const saved = await app.savedConnections.get(savedIdOf(target));
  const where = saved?.where;
  const place = { target, python: environment.python, root, ...(where && { where }) };
  // Frees its panel for the next viewer.
  await app.viewers.stop(id).catch((error: unknown) => ui.log.info(String(error)));
  await (await panels()).open(place, (progress) => openViewerAt(ui, place, { progress }));
}
