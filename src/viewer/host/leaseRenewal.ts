import { createSerialQueue } from "../../common/async/serialQueue.js";
import type { Logger } from "../../common/logger.js";
import type { HostLink } from "./hostLink.js";
import { askLeases, type LeaseVerb } from "../remote/askLeases.js";
import type { RemoteStatus } from "../session/session.js";

/** Sessions whose leases are to be renewed. */
export interface LeasesToRenew {
  readonly renew: readonly string[];
  readonly keep: readonly string[];
}

/** Renews the leases of one host's sessions for as long as the way to it is open, and hears how they are. */
export interface LeaseRenewal {
  /**
   * Renews now; resolves when the host has answered, or when it did not.
   * @param released a session that is not to be kept any longer: said with the next renewal that reaches the host.
   */
  renewNow(released?: string): Promise<void>;
  dispose(): void;
}

/**
 * Hears how the sessions of a host are.
 * @param askedAt by the clock of `performance.now()`.
 */
export type OnStatus = (statuses: ReadonlyMap<string, RemoteStatus>, askedAt: number) => void;

/** Maximum milliseconds between two renewals, and so until a crashed viewer is noticed. */
const longestInterval = 10_000;

export function createLeaseRenewal(options: {
  readonly link: HostLink;
  readonly graceSeconds: number;
  readonly wanted: () => LeasesToRenew;
  readonly onStatus: OnStatus;
  readonly logger: Logger;
}): LeaseRenewal {
  const { link, graceSeconds, wanted, onStatus, logger } = options;
  const renewals = createSerialQueue();
  const released = new Set<string>();
  let isDisposed = false;

  const renew = async (): Promise<void> => {
    const { renew: ids, keep } = wanted();
    if (isDisposed || link.state.kind !== "up") return;
    const { connection } = link.state;
    const ask = async (verb: LeaseVerb, sessions: readonly string[]): Promise<void> => {
      const askedAt = performance.now();
      if (sessions.length === 0) return;
      const statuses = await askLeases(connection, verb, sessions);
      if (!isDisposed) onStatus(statuses, askedAt);
    };
    try {
      const toRelease = ids.filter((id) => released.has(id));
      await Promise.all([ask("keep", keep), ask("renew", ids), ask("release", toRelease)]);
      toRelease.forEach((id) => released.delete(id));
    } catch (error) {
      logger.info(`${link.connectionId}: leases not renewed: ${String(error)}`);
    }
  };
  // After the renewal under way, which may not include this wish yet.
  const renewNow = (id?: string): Promise<void> => {
    if (id !== undefined) released.add(id);
    return renewals.add(renew);
  };
  const interval = Math.max(250, Math.min(longestInterval, (graceSeconds * 1000) / 4));
  const timer = setInterval(() => {
    if (renewals.isIdle) void renewNow();
  }, interval);
  return {
    renewNow,
    dispose: () => {
      isDisposed = true;
      clearInterval(timer);
    },
  };
}
