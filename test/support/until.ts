import { setTimeout as delay } from "node:timers/promises";

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
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    await delay(10);
  }
}
