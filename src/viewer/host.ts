import type { FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Semaphore } from "../ssh/semaphore.js";
import { createHostLink, type HostLink, type LinkState } from "./hostLink.js";
import type { RemoteStatus } from "./leaseChannel.js";
import { createLeases } from "./leases.js";
import type { ReconnectWait, ViewerSession } from "./session.js";

/** One host with sessions: the way there, and their leases. */
export interface Host {
  readonly link: HostLink;
  /** The open connection; undefined while it is lost. */
  readonly connection: Connection | undefined;
  /** Renews the leases now; resolves when the host has answered, or when it did not. */
  renewNow(): Promise<void>;
  dispose(): void;
}

export interface HostOptions {
  readonly connectionId: string;
  readonly connection?: Connection;
  readonly reconnect: (attended: boolean, signal: AbortSignal) => Promise<Connection>;
  readonly gate: Semaphore;
  readonly graceSeconds: number;
  readonly sessions: () => readonly ViewerSession[];
  readonly onStatus: (statuses: ReadonlyMap<string, RemoteStatus>) => void;
  /** The way is open again. Called anew when it fails, for as long as the way stays open. */
  readonly onUp: (connection: Connection) => Promise<void>;
  readonly onDown: (cause: FailureDetail, wait: ReconnectWait) => void;
  readonly logger: Logger;
}

/** Milliseconds before another look at a host that was reached and did not answer. */
const lookAgain = 2_000;

export function createHost(options: HostOptions): Host {
  const { sessions, onStatus, onUp, onDown, graceSeconds, logger } = options;
  let isDisposed = false;
  const link = createHostLink(options);
  const leases = createLeases({
    link,
    graceSeconds,
    wanted: () => ({
      renew: idsOf(sessions(), false),
      keep: idsOf(sessions(), true),
    }),
    onStatus,
    logger,
  });

  const lookAround = async (connection: Connection): Promise<void> => {
    while (!isDisposed && connection.state === "open") {
      try {
        await onUp(connection);
        await leases.renewNow();
        return;
      } catch (error) {
        logger.info(`${options.connectionId}: ${String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, lookAgain));
      }
    }
  };
  const hear = (state: LinkState): void => {
    if (state.kind === "up") void lookAround(state.connection);
    else onDown(state.cause, state.wait);
  };
  const changed = link.onDidChange(hear);

  return {
    link,
    get connection() {
      return link.state.kind === "up" && link.state.connection.state === "open"
        ? link.state.connection
        : undefined;
    },
    renewNow: () => leases.renewNow(),
    dispose: () => {
      isDisposed = true;
      changed.dispose();
      leases.dispose();
      link.dispose();
    },
  };
}

/** Those whose viewer is on the host, as far as we know. */
function idsOf(sessions: readonly ViewerSession[], kept: boolean): string[] {
  return sessions
    .filter((session) => session.kept === kept && /^(running|reconnecting|failed)$/.test(session.state.kind))
    .map(({ id }) => id);
}
