import type { Logger } from "../common/logger.js";
import type { HostLink } from "./hostLink.js";
import { type LeaseChannel, openLeaseChannel, type RemoteStatus } from "./leaseChannel.js";

/** Sessions whose leases are to be renewed. */
export interface Wanted {
  readonly renew: readonly string[];
  readonly keep: readonly string[];
}

/** Renews the leases of one host's sessions for as long as the way to it is open, and hears how they are. */
export interface Leases {
  /** Renews now; resolves when the host has answered, or when it did not. */
  renewNow(): Promise<void>;
  dispose(): void;
}

/** Milliseconds between two renewals at most: also how soon a crashed viewer is noticed. */
const longestInterval = 10_000;

export function createLeases(options: {
  readonly link: HostLink;
  readonly graceSeconds: number;
  readonly wanted: () => Wanted;
  readonly onStatus: (statuses: ReadonlyMap<string, RemoteStatus>) => void;
  readonly logger: Logger;
}): Leases {
  const { link, graceSeconds, wanted, onStatus, logger } = options;
  let channel: LeaseChannel | undefined;
  let last = Promise.resolve();
  let isBusy = false;
  let isDisposed = false;

  const renew = async (): Promise<void> => {
    const { renew: ids, keep } = wanted();
    if (link.state.kind !== "up" || ids.length + keep.length === 0) return;
    try {
      if (!channel?.isOpen) channel = await openLeaseChannel(link.state.connection);
      if (isDisposed) {
        channel.close();
        return;
      }
      if (keep.length > 0) onStatus(await channel.ask("keep", keep));
      if (ids.length > 0) onStatus(await channel.ask("renew", ids));
    } catch (error) {
      logger.info(`${link.connectionId}: leases not renewed: ${String(error)}`);
    }
  };
  // After the one under way, which may have been asked before the wish that this one is for.
  const renewNow = (): Promise<void> => {
    last = last.then(async () => {
      isBusy = true;
      await renew();
      isBusy = false;
    });
    return last;
  };
  const interval = Math.max(250, Math.min(longestInterval, (graceSeconds * 1000) / 4));
  const timer = setInterval(() => {
    if (!isBusy) void renewNow();
  }, interval);
  const linkChanged = link.onDidChange(({ kind }) => {
    if (kind === "down") channel = undefined;
  });
  return {
    renewNow,
    dispose: () => {
      isDisposed = true;
      clearInterval(timer);
      linkChanged.dispose();
      channel?.close();
    },
  };
}
