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

/** Login nodes behind which jobs are watched: each is connected to again when it is lost. */
export interface WaitingLogins extends Disposable {
  /** Whether a job behind it is watched that has not ended, or is being submitted. */
  needs(loginId: string): boolean;
  /** Those that are away, in whatever order. */
  readonly lost: readonly LostLogin[];
  /** Another one is away, or what one waits for is another thing. */
  readonly onDidChange: Event<void>;
  /** A person wants no more tries, until somebody connects to it. One that is open stays. */
  leave(loginId: string): void;
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
