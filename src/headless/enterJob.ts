import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { jobStateText } from "../messages/slurm/jobWords.js";
import type { JobState } from "../slurm/model/job.js";
import type { JobRequest } from "../slurm/model/jobRequest.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Interaction } from "../ssh/model/interaction.js";
import { jobTarget } from "../ssh/model/jobTarget.js";

/**
 * Connects into a job behind a login node: a running one, or a new one, whose state in the queue is printed on standard
 * error.
 * @throws Failure with a `SlurmFailure` or `SshFailure`, or Cancelled. A new job is cancelled then.
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
  const tell = (text: string): void => {
    if (text !== told) process.stderr.write(`${text}\n`);
    told = text;
  };
  const onAbort = (): void =>
    tell(
      l10n.t(
        "Looking for the job for ten seconds, to cancel it. One that is found later ends by itself without a viewer; squeue lists it.",
      ),
    );
  const onDoubt = (): void => {
    tell(l10n.t("We do not know whether the job was submitted. Looking…"));
    signal.addEventListener("abort", onAbort, { once: true });
  };
  const onState = (state: JobState): void => {
    signal.removeEventListener("abort", onAbort);
    tell(jobStateText(state));
  };
  return app.enterNewJob(login, job, interaction, signal, { onState, onDoubt });
}
