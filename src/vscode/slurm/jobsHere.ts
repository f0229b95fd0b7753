import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { Logger } from "../../common/logger.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { Connection } from "../../ssh/model/connection.js";
import { jobOf } from "../../ssh/model/jobTarget.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";

/**
 * Watches jobs of ours on login nodes that are connected to, so that what waits there is shown, whichever window or machine
 * asked for it. Hosts whose viewers do not run in jobs are not asked.
 */
export function watchJobsHere(
  { slurm, connections, savedConnections }: Pick<App, "slurm" | "connections" | "savedConnections">,
  logger: Logger,
): Disposable {
  const watches = new Map<string, Disposable>();
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
    for (const { id } of await slurm.list(login)) hold(login, id);
  };

  const lookAll = (): void => {
    const logins = connections.all.filter(
      (one) => one.state === "open" && !asked.has(one) && !jobOf(one.target) && !isThisMachine(one.target),
    );
    for (const login of logins)
      look(login).catch((error: unknown) => logger.info(`jobs of ${login.id}: ${String(error)}`));
  };

  /** Whoever waited for it may go: it stays in the queue, and is to be seen. */
  const holdQueued = (): void => {
    for (const { loginId, jobId, state } of slurm.watched) {
      const login = connections.get(loginId);
      if (login && state.kind === "queued") hold(login, jobId);
    }
  };

  lookAll();
  const events = [connections.onDidChange(lookAll), slurm.onDidChange(holdQueued)];
  return {
    dispose: () => {
      for (const one of [...events, ...watches.values()]) one.dispose();
    },
  };
}
