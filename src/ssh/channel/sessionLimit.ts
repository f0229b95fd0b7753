/** How many sessions the server allows on one connection, as far as we know (MaxSessions in sshd_config(5)). */
export interface SessionLimit {
  readonly value: number;
  /** The server refused a session while it counted so many others. */
  learn(others: number): void;
  /** The server opened a session. */
  wasEnough(): void;
  /** While somebody waits, one more session is tried from time to time: an administrator may have raised the limit. */
  isWaitedFor(isWaitedFor: boolean): void;
}

/** What a stock sshd allows (MaxSessions in sshd_config(5)). */
const usualLimit = 10;
/** Milliseconds after a refusal until one more session is tried; doubled after each further refusal. */
const firstProbe = 60_000;
const longestProbe = 600_000;

/** @param onRaised one more may be tried. */
export function createSessionLimit(onRaised: () => void): SessionLimit {
  let value = usualLimit;
  let probeAfter = firstProbe;
  let probeTimer: NodeJS.Timeout | undefined;
  let isProbing = false;

  const stopProbing = (): void => {
    clearTimeout(probeTimer);
    probeTimer = undefined;
  };
  const probe = (): void => {
    probeTimer = undefined;
    isProbing = true;
    value += 1;
    onRaised();
  };

  return {
    get value() {
      return value;
    },
    learn: (others) => {
      if (isProbing) probeAfter = Math.min(probeAfter * 2, longestProbe);
      isProbing = false;
      value = Math.min(value, Math.max(others, 1));
      stopProbing();
    },
    wasEnough: () => {
      if (isProbing) probeAfter = firstProbe;
      isProbing = false;
    },
    isWaitedFor: (isWaitedFor) => {
      if (isWaitedFor) probeTimer ??= setTimeout(probe, probeAfter).unref();
      else stopProbing();
    },
  };
}
