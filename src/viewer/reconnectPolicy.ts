/** When the next try to reconnect is due. An immutable value: `next` gives another one. */
export interface ReconnectPolicy {
  /** Milliseconds to wait before the try. */
  readonly delay: number;
  next(): ReconnectPolicy;
}

/** Milliseconds before the second try; the first comes at once. */
const base = 500;
/** Milliseconds between two tries at most. */
const cap = 30_000;

/**
 * Exponential back-off with jitter: many clients that lost the same host must not all come back in the same moment.
 * @param random gives a number from 0 up to 1.
 */
export function reconnectPolicy(random: () => number = Math.random): ReconnectPolicy {
  return after(0, random);
}

function after(attempts: number, random: () => number): ReconnectPolicy {
  const ceiling = Math.min(cap, base * 2 ** Math.min(attempts, 16));
  return {
    // Between half and the whole, so that the delay still grows; the first try only a little spread.
    delay: attempts === 0 ? random() * 200 : ceiling / 2 + (random() * ceiling) / 2,
    next: () => after(attempts + 1, random),
  };
}
