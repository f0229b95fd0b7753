import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { Logger } from "../../common/logger.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { Connection } from "../../ssh/model/connection.js";
import { jobOf } from "../../ssh/model/jobTarget.js";
import { formatTarget } from "../../ssh/model/target.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";

/**
 * Watches jobs with viewers, and our queued jobs of connected login nodes, from whichever window or machine. Does not
 * query hosts whose viewers do not run in jobs.
 */
export function watchJobsHere(
  { slurm, connections, savedConnections }: Pick<App, "slurm" | "connections" | "savedConnections">,
  logger: Logger,
): Disposable {
  const watches = new Map<string, Disposable>();
  /** By id of the connection into the job. */
  const inside = new Map<string, Disposable>();
  const asked = new WeakSet<Connection>();

  const hold = (login: Connection, jobId: string): void => {
    const key = `${login.id} ${jobId}`;
    if (watches.has(key)) return;
    let isOver = false;
    const watch = slurm.watch(login, jobId, ({ kind }) => {
      if (kind === "ended") end();
    });
    const end = (): void => {
      isOver = true;
      watches.get(key)?.dispose();
      watches.delete(key);
    };
    if (isOver) watch.dispose();
    else watches.set(key, watch);
  };

  const look = async (login: Connection): Promise<void> => {
    asked.add(login);
    const saved = await savedConnections.get(savedIdOf(login.target));
    if (saved?.where?.kind !== "job") return;
    for (const { id, state } of await slurm.list(login)) if (state.kind === "queued") hold(login, id);
  };

  const lookAll = (): void => {
    const logins = connections.all.filter(
      (one) => one.state === "open" && !asked.has(one) && !jobOf(one.target) && !isThisMachine(one.target),
    );
    for (const login of logins)
      look(login).catch((error: unknown) => logger.info(`jobs of ${login.id}: ${String(error)}`));
  };

  const followInside = (): void => {
    const open = new Map(connections.all.map((one) => [one.id, one]));
    for (const [id, watch] of inside) {
      if (open.has(id)) continue;
      watch.dispose();
      inside.delete(id);
    }
    for (const { id, target } of open.values()) {
      const job = jobOf(target);
      const login =
        job && connections.all.find((one) => formatTarget(one.target) === formatTarget(job.login));
      if (login && !inside.has(id))
        inside.set(
          id,
          slurm.watch(login, job.jobId, () => undefined),
        );
    }
  };

  /** Keeps watching queued jobs, which are shown even if nobody waits for them. */
  const holdQueued = (): void => {
    for (const { loginId, jobId, state } of slurm.watched) {
      const login = connections.get(loginId);
      if (login && state.kind === "queued") hold(login, jobId);
    }
  };

  const follow = (): void => {
    lookAll();
    followInside();
  };
  follow();
  const events = [connections.onDidChange(follow), slurm.onDidChange(holdQueued)];
  return {
    dispose: () => {
      for (const one of [...events, ...watches.values(), ...inside.values()]) one.dispose();
    },
  };
}
