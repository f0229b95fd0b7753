import type { Disposable } from "./common/async/disposable.js";
import { createSemaphore } from "./common/async/semaphore.js";
import type { Logger } from "./common/logger.js";
import type { Slurm } from "./slurm/slurm.js";
import type { Connections } from "./ssh/connections.js";
import { createHostLink, type HostLink } from "./viewer/host/hostLink.js";

/** Login nodes behind which jobs are watched: each is connected to again when it is lost. */
export interface WaitingLogins extends Disposable {
  /** Whether a job behind it is watched that has not ended. */
  needs(loginId: string): boolean;
  /** The machine woke up: tries now. */
  retry(): void;
}

/** Tries at the same time, over all login nodes. */
const triesAtOnce = 2;

/**
 * A job may wait for longer than any connection lives. Nobody is asked anything: a login that needs a person is held until
 * somebody connects to it. One that was closed on purpose stays closed.
 */
export function keepWaitingLogins({
  slurm,
  connections,
  logger,
}: {
  readonly slurm: Pick<Slurm, "watched" | "onDidChange">;
  readonly connections: Pick<Connections, "get" | "isKnown" | "reopen" | "onDidChange">;
  readonly logger: Logger;
}): WaitingLogins {
  const links = new Map<string, HostLink>();
  const gate = createSemaphore(triesAtOnce);
  const needed = (): Set<string> =>
    new Set(slurm.watched.filter(({ state }) => state.kind !== "ended").map(({ loginId }) => loginId));
  const open = (loginId: string) => {
    const connection = connections.get(loginId);
    return connection?.state === "open" ? connection : undefined;
  };
  const drop = (loginId: string): void => {
    links.get(loginId)?.dispose();
    links.delete(loginId);
  };
  /** Somebody else connected to it, and no try of ours is under way that finds that. */
  const isOvertaken = ({ connectionId, state }: HostLink): boolean =>
    state.kind === "down" && state.wait.kind !== "connecting" && open(connectionId) !== undefined;

  const follow = (): void => {
    const ids = needed();
    for (const [id, link] of links) {
      const isClosed = !open(id) && !connections.isKnown(id);
      if (!ids.has(id) || isClosed || isOvertaken(link)) drop(id);
    }
    for (const id of ids) {
      const connection = open(id);
      if (links.has(id) || !(connection ?? connections.isKnown(id))) continue;
      const link = createHostLink({
        connectionId: id,
        ...(connection && { connection }),
        reconnect: (attended, signal) => connections.reopen(id, attended, signal),
        gate,
        logger,
      });
      links.set(id, link);
      link.onDidChange(follow);
    }
  };
  const events = [slurm.onDidChange(follow), connections.onDidChange(follow)];
  return {
    needs: (loginId) => needed().has(loginId),
    retry: () => {
      for (const link of links.values()) link.retryUnattended();
    },
    dispose: () => {
      for (const event of events) event.dispose();
      for (const id of [...links.keys()]) drop(id);
    },
  };
}
