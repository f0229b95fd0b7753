import { setImmediate as nextTurn } from "node:timers/promises";

/** Items that are sorted, or merged, before others get their turn: some ten milliseconds. */
const atOnce = 10_000;

/** Sorts as `toSorted` does, and lets others have their turn meanwhile: a million texts take seconds. */
export async function sortInTurns<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<readonly T[]> {
  let sorted: T[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    const run = items.slice(start, start + atOnce).sort(compare);
    for (const item of run) sorted.push(item);
    if (start > 0) await nextTurn();
  }
  // One more list is enough for all rounds: what was merged into goes on as what is merged.
  let other = sorted.length > atOnce ? [...sorted] : [];
  for (let width = atOnce; width < sorted.length; width *= 2) {
    for (let start = 0; start < sorted.length; start += 2 * width) {
      await merge(sorted, other, { start, middle: start + width, end: start + 2 * width }, compare);
    }
    [sorted, other] = [other, sorted];
  }
  return sorted;
}

async function merge<T>(
  from: readonly T[],
  to: T[],
  range: { readonly start: number; readonly middle: number; readonly end: number },
  compare: (a: T, b: T) => number,
): Promise<void> {
  const end = Math.min(range.end, from.length);
  const middle = Math.min(range.middle, end);
  let [left, right] = [range.start, middle];
  for (let at = range.start; at < end; at += 1) {
    const takesLeft = right === end || (left < middle && compare(from[left] as T, from[right] as T) <= 0);
    to[at] = from[takesLeft ? left++ : right++] as T;
    if (at % atOnce === 0) await nextTurn();
  }
}
