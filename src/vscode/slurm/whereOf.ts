import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { Connection } from "../../ssh/model/connection.js";
import { jobThere } from "../../takeJob.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";
import type { Where } from "../../where.js";
import type { OpeningProgress } from "../kit/progress.js";
import { askWhere, type ChosenWhere } from "./askWhere.js";

const onLogin: ChosenWhere = { where: { kind: "login" } };

/**
 * Where to run the viewer of a host: as answered before, or else asks if the host has a cluster. Reuses an existing job
 * of ours.
 * @param known the answer for this place. Default: the last answer for the host.
 * @throws Failure with a `SlurmFailure` or `SshFailure`; Cancelled, also if nobody can be asked.
 */
export async function whereOf(
  app: Pick<App, "slurm" | "savedConnections">,
  opening: {
    readonly connection: Connection;
    readonly progress: OpeningProgress;
    readonly attended?: boolean | undefined;
  },
  known: Where | undefined,
): Promise<ChosenWhere> {
  const { connection, progress, attended = true } = opening;
  const before = known ?? (await app.savedConnections.get(savedIdOf(connection.target)))?.where;
  if (isThisMachine(connection.target) || before?.kind === "login") return onLogin;
  const title = l10n.t("Looking for jobs of yours…");
  return progress({ step: "connect", title }, async (signal, report) => {
    if (before && (await isPossible(app, connection, before, signal))) {
      const jobId = before.kind === "job" ? await jobThere(app.slurm, connection, { signal }) : undefined;
      return { where: before, ...(jobId !== undefined && { jobId }) };
    }
    const ask = (): void => {
      if (!attended) throw new Cancelled();
      report(l10n.t("waiting for your choice…"));
    };
    return (await askedWhere(app, connection, { before, ask, signal })) ?? onLogin;
  });
}

/** Whether the answer is still possible: a job of the user may have ended since. */
async function isPossible(
  { slurm }: Pick<App, "slurm">,
  login: Connection,
  where: Where,
  signal: AbortSignal,
): Promise<boolean> {
  if (where.kind !== "running") return true;
  return slurm.isRunning(login, where.jobId, signal);
}

/**
 * Asks where on the cluster, and saves the answer for the host.
 * @returns undefined for a host without Slurm.
 * @throws like {@link whereOf}.
 */
export async function askedWhere(
  { slurm, savedConnections }: Pick<App, "slurm" | "savedConnections">,
  login: Connection,
  {
    before,
    ask = () => undefined,
    signal,
  }: {
    readonly before: Where | undefined;
    /** Called before the user is asked. */
    readonly ask?: () => void;
    readonly signal: AbortSignal;
  },
): Promise<ChosenWhere | undefined> {
  if (isThisMachine(login.target)) return undefined;
  const facts = await slurm.detect(login, signal);
  if (facts.kind === "absent") return undefined;
  ask();
  const chosen = await askWhere(slurm, login, { facts, before, signal });
  await savedConnections.change(
    savedIdOf(login.target),
    (saved) => saved && { ...saved, where: chosen.where },
  );
  return chosen;
}
