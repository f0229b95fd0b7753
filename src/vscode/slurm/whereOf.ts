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
 * Where the viewer of a host runs: as was answered before, and only where nothing was, and the host leads to a cluster, a
 * person is asked. A job of ours that is there already is taken.
 * @param known what was answered for this place. Default: what was answered last for the host.
 * @throws Failure with a `SlurmFailure` or `SshFailure`; Cancelled, also where nobody is there to be asked.
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

/** A job of the person's may have ended since it was chosen. */
async function isPossible(
  { slurm }: Pick<App, "slurm">,
  login: Connection,
  where: Where,
  signal: AbortSignal,
): Promise<boolean> {
  if (where.kind !== "running") return true;
  return (await slurm.others(login, signal)).some(({ id }) => id === where.jobId);
}

/**
 * Asks where on the cluster, and keeps the answer for the host.
 * @returns undefined for a host without Slurm.
 * @throws as {@link whereOf} does.
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
    /** Called when a person is about to be asked. */
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
