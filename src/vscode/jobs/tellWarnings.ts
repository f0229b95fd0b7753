import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { Logger } from "../../common/logger.js";
import { quoted } from "../../messages/failureWords.js";
import { hostName } from "../../messages/hostName.js";
import { leftText } from "../../messages/slurm/jobTimes.js";
import { timeLeft } from "../../slurm/model/job.js";
import { formatTarget } from "../../ssh/model/target.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { commandIds } from "../kit/commandIds.js";
import { jobOfSession, type SessionJob } from "../jobKit/jobOfSession.js";
import { onJobNews } from "../jobKit/jobNews.js";
import { claimWarning } from "./toldWarnings.js";
import { dueWarning } from "../jobKit/warnings.js";

/**
 * Warns 10 and 2 minutes before a job with a viewer reaches its time limit, once and in one window.
 * @param file absolute path of a file that all windows share.
 */
export function tellWarnings(app: App, file: string, logger: Logger): Disposable {
  const known = new Set<string>();
  const look = (): void => {
    for (const session of app.viewers.sessions) {
      const job = session.state.kind === "running" ? jobOfSession(app, session) : undefined;
      const left = job?.state && timeLeft(job.state);
      const mark = left === undefined ? undefined : dueWarning(left);
      if (!job || left === undefined || mark === undefined) continue;
      const key = `${job.jobId} ${formatTarget(job.login)}`;
      if (known.has(`${mark} ${key}`)) continue;
      known.add(`${mark} ${key}`);
      claimWarning(file, { key, mark })
        .then((isOurs) => (isOurs ? warn(session, job, left) : undefined))
        .catch((error: unknown) => logger.warn(`warnings of jobs: ${String(error)}`));
    }
  };
  look();
  const listening = [onJobNews(app, look), app.viewers.onDidChange(look)];
  return { dispose: () => listening.forEach((one) => one.dispose()) };
}

async function warn({ id, root }: ViewerSession, { jobId, login }: SessionJob, left: number): Promise<void> {
  const show = l10n.t("Show");
  const text = l10n.t(
    "Job {0} on {1} has {2}. The viewer of {3} ends with it; the runs are not touched.",
    jobId,
    hostName(login.host),
    leftText(Date.now() + left),
    quoted(root),
  );
  if ((await vscode.window.showWarningMessage(text, show)) === show)
    await vscode.commands.executeCommand(commandIds.revealViewer, id);
}
