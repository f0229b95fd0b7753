import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds. */
const longestPause = 500;

/**
 * Waits for a condition that no event tells of.
 * @param what is named when it does not come true within `limit` milliseconds.
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limit = 20_000,
): Promise<void> {
  const deadline = Date.now() + limit;
  for (let askedAt = Date.now(); !(await condition()); askedAt = Date.now()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    // A look at all processes takes a while: it must not be what keeps the machine busy. A condition may wait by itself, too.
    await delay(Math.min(Math.max(10, 3 * (Date.now() - askedAt)), longestPause));
  }
}
