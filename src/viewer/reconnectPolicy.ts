/** When the next try to reconnect is due. An immutable value: `next` gives another one. */
export interface ReconnectPolicy {
  /** Milliseconds to wait before the try. */
  readonly delay: number;
  /** @param reachedNobody whether the try failed at once and without a trace on the host: it is not spared by rare tries. */
  next(reachedNobody?: boolean): ReconnectPolicy;
}

/** Milliseconds before the second try; the first comes at once. */
const base = 500;
/** Milliseconds between two tries at most. */
const cap = 30_000;
/** The same while the host is not there at all, for as many tries: a few minutes, in which it may be started again. */
const capBeforeTheHost = 5_000;
const triesBeforeTheHost = 100;

/**
 * Exponential back-off with jitter: many clients that lost the same host must not all come back in the same moment.
 * @param random gives a number from 0 up to 1.
 */
export function reconnectPolicy(random: () => number = Math.random): ReconnectPolicy {
  return after(0, cap, random);
}

function after(attempts: number, most: number, random: () => number): ReconnectPolicy {
  const ceiling = Math.min(most, base * 2 ** Math.min(attempts, 16));
  return {
    // Between half and the whole, so that the delay still grows; the first try only a little spread.
    delay: attempts === 0 ? random() * 200 : ceiling / 2 + (random() * ceiling) / 2,
    next: (reachedNobody = false) =>
      after(attempts + 1, reachedNobody && attempts < triesBeforeTheHost ? capBeforeTheHost : cap, random),
  };
}
