import { pause } from "../../common/async/pause.js";
import type { FailureDetail } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Semaphore } from "../../common/async/semaphore.js";
import { createHostLink, type HostLink, type HostLinkState } from "./hostLink.js";
import { createLeaseRenewal, type OnStatus } from "./leaseRenewal.js";
import type { ReconnectWait, ViewerSession } from "../session/session.js";

/** One host with sessions: the way there, and their leases. */
export interface Host {
  readonly link: HostLink;
  /** The open connection; undefined while it is lost. */
  readonly connection: Connection | undefined;
  /**
   * Renews the leases now; resolves when the host has answered, or when it did not.
   * @param released a session that is not to be kept any longer: said with the next renewal that reaches the host.
   */
  renewNow(released?: string): Promise<void>;
  dispose(): void;
}

export interface HostOptions {
  readonly connectionId: string;
  readonly connection?: Connection;
  readonly reconnect: (attended: boolean, signal: AbortSignal) => Promise<Connection>;
  readonly gate: Semaphore;
  readonly graceSeconds: number;
  readonly sessions: () => readonly ViewerSession[];
  readonly onStatus: OnStatus;
  /** Called when the connection is open again; retried when it fails, while the connection stays open. */
  readonly onUp: (connection: Connection) => Promise<void>;
  readonly onDown: (cause: FailureDetail, wait: ReconnectWait) => void;
  readonly logger: Logger;
}

/** Milliseconds before another look at a host that was reached and did not answer. */
const lookAgain = 2_000;

export function createHost(options: HostOptions): Host {
  const { sessions, onStatus, onUp, onDown, graceSeconds, logger } = options;
  const disposed = new AbortController();
  const link = createHostLink(options);
  const leaseRenewal = createLeaseRenewal({
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
    while (!disposed.signal.aborted && connection.state === "open") {
      try {
        await onUp(connection);
        await leaseRenewal.renewNow();
        return;
      } catch (error) {
        logger.info(`${options.connectionId}: ${String(error)}`);
        await pause(lookAgain, disposed.signal);
      }
    }
  };
  const hear = (state: HostLinkState): void => {
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
    renewNow: (id) => leaseRenewal.renewNow(id),
    dispose: () => {
      disposed.abort();
      changed.dispose();
      leaseRenewal.dispose();
      link.dispose();
    },
  };
}

/** Those whose viewer is on the host, as far as we know. */
function idsOf(sessions: readonly ViewerSession[], kept: boolean): string[] {
  return sessions.filter((session) => session.kept === kept && isThere(session)).map(({ id }) => id);
}

function isThere({ state }: ViewerSession): boolean {
  if (state.kind === "failed") return state.remote !== undefined;
  const isLaunched = state.kind === "starting" && state.phase === "opening-tunnel";
  return isLaunched || state.kind === "running" || state.kind === "reconnecting";
}
