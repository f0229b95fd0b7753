/** The sliding window, in milliseconds. */
const span = 60_000;

/** Limits requests per minute (sliding window). Rejected requests do not count. */
export interface RateLimit {
  /** @returns undefined if the request is allowed, else whole seconds for `Retry-After`. */
  take(name: string, perMinute: number): number | undefined;
}

/** @param now a monotonic clock in milliseconds. */
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
