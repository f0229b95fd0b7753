/** Milliseconds between two looks at the clock, and how much later one must come to mean that the machine slept. */
const interval = 5_000;
const slept = 10_000;

/**
 * Calls `onWakeUp` after the machine slept: timers stand still meanwhile, the clock goes on.
 * @returns what ends the watch.
 */
export function watchForWakeUp(onWakeUp: () => void, now: () => number = Date.now): () => void {
  let last = now();
  const timer = setInterval(() => {
    const before = last;
    last = now();
    if (last - before > interval + slept) onWakeUp();
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}
