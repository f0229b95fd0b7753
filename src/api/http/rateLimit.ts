/** Milliseconds in which the requests are counted. */
const span = 60_000;

/** Counts requests in the last sixty seconds. One that is refused does not count. */
export interface RateLimit {
  /** @returns undefined when the request may go on, else the whole seconds to wait. */
  take(name: string, perMinute: number): number | undefined;
}

/** @param now milliseconds that never go back. */
export function createRateLimit(now: () => number = () => performance.now()): RateLimit {
  const taken = new Map<string, number[]>();
  return {
    take: (name, perMinute) => {
      const recent = (taken.get(name) ?? []).filter((time) => now() - time < span);
      taken.set(name, recent);
      const oldest = recent[recent.length - perMinute];
      if (oldest !== undefined) return Math.max(1, Math.ceil((oldest + span - now()) / 1000));
      recent.push(now());
      return undefined;
    },
  };
}
