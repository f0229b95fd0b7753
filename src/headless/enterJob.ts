import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { queueReason } from "../messages/slurm/jobWords.js";
import type { JobState } from "../slurm/model/job.js";
import type { JobRequest } from "../slurm/model/jobRequest.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Interaction } from "../ssh/model/interaction.js";
import { jobTarget } from "../ssh/model/jobTarget.js";

/**
 * Connects into a job behind a login node: a new one, whose queue is told on standard error, or one that runs.
 * @throws Failure with a `SlurmFailure` or `SshFailure`, or Cancelled: then no new job is left.
 */
export function enterJob(
  app: App,
  login: Connection,
  job: JobRequest | { readonly id: string },
  interaction: Interaction,
  signal: AbortSignal,
): Promise<Connection> {
  if ("id" in job)
    return app.connections.connect(
      { target: jobTarget({ login: login.target, jobId: job.id }) },
      interaction,
      { signal },
    );
  let told = "";
  return app.enterNewJob(login, job, interaction, signal, (state) => {
    const text = wordsOf(state);
    if (text !== told) process.stderr.write(`${text}\n`);
    told = text;
  });
}

function wordsOf(state: JobState): string {
  switch (state.kind) {
    case "queued": {
      const { reason, expectedStart } = state;
      const at = expectedStart === undefined ? "" : new Date(expectedStart).toLocaleTimeString();
      return at === ""
        ? l10n.t("Queued: {0}", queueReason(reason))
        : l10n.t("Queued: {0} Expected to start at {1}.", queueReason(reason), at);
    }
    case "running":
      return l10n.t("The job runs on {0}.", state.node);
    case "unknown":
      return l10n.t("The cluster does not answer now; the job stays.");
    case "ended":
      return l10n.t("The job has ended.");
  }
}
