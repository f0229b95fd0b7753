import type { Disposable } from "./common/async/disposable.js";
import { Emitter, type Event } from "./common/async/event.js";
import { createSemaphore } from "./common/async/semaphore.js";
import type { Logger } from "./common/logger.js";
import type { Slurm } from "./slurm/slurm.js";
import type { Connections } from "./ssh/connections.js";
import type { Target } from "./ssh/model/target.js";
import { createHostLink, type HostLink } from "./viewer/host/hostLink.js";
import type { ReconnectWait } from "./viewer/session/session.js";

/** A login node that was lost, and what the next try to connect to it waits for. */
export interface LostLogin {
  /** Of its connection. */
  readonly id: string;
  readonly target: Target;
  readonly wait: ReconnectWait;
}

/** Login nodes of watched jobs. Lost connections to them are reopened. */
export interface WaitingLogins extends Disposable {
  /** Whether a watched job behind this login node has not ended, or is being submitted. */
  needs(loginId: string): boolean;
  /** Login nodes whose connections are lost. */
  readonly lost: readonly LostLogin[];
  /** Fires when `lost` changes. */
  readonly onDidChange: Event<void>;
  /** Stops retries until somebody connects to it. An open connection stays open. */
  leave(loginId: string): void;
  /** Retries now, as after the machine woke up. */
  retry(): void;
}

/** Maximum number of concurrent attempts over all login nodes. */
const triesAtOnce = 2;

/**
 * Reconnects to login nodes without asking, since a job may wait longer than any connection lives. If a login needs the
 * user, it waits until somebody connects. A connection closed on purpose stays closed.
 */
export function keepWaitingLogins({
  slurm,
  connections,
  logger,
}: {
  readonly slurm: Pick<Slurm, "watched" | "submitting" | "onDidChange">;
  readonly connections: Pick<
    Connections,
    "get" | "isKnown" | "targetOf" | "forgetLost" | "reopen" | "onDidChange"
  >;
  readonly logger: Logger;
}): WaitingLogins {
  const links = new Map<string, HostLink>();
  const gate = createSemaphore(triesAtOnce);
  const needed = (): Set<string> =>
    new Set([
      ...slurm.watched.filter(({ state }) => state.kind !== "ended").map(({ loginId }) => loginId),
      ...slurm.submitting,
    ]);
  const open = (loginId: string) => {
    const connection = connections.get(loginId);
    return connection?.state === "open" ? connection : undefined;
  };
  const changed = new Emitter<void>();
  const drop = (loginId: string): void => {
    links.get(loginId)?.dispose();
    if (links.delete(loginId)) changed.fire();
  };
  /** Whether somebody else connected to it, and no attempt of ours is running that would notice. */
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
      link.onDidChange(() => {
        follow();
        changed.fire();
      });
    }
  };
  const events = [slurm.onDidChange(follow), connections.onDidChange(follow)];
  return {
    needs: (loginId) => needed().has(loginId),
    get lost() {
      return [...links].flatMap(([id, { state }]): LostLogin[] => {
        const target = connections.targetOf(id);
        return state.kind === "down" && target ? [{ id, target, wait: state.wait }] : [];
      });
    },
    onDidChange: changed.event,
    leave: (loginId) => {
      connections.forgetLost((id) => id !== loginId);
      follow();
    },
    retry: () => {
      for (const link of links.values()) link.retryUnattended();
    },
    dispose: () => {
      for (const event of events) event.dispose();
      for (const id of [...links.keys()]) drop(id);
    },
  };
}
