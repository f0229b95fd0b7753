import { setImmediate as nextTurn } from "node:timers/promises";

/** Goes through many items some at a time, and lets others have their turn in between. */
export async function* inTurns<T>(items: Iterable<T>, atOnce: number): AsyncGenerator<readonly T[], void> {
  let some: T[] = [];
  for (const item of items) {
    if (some.push(item) < atOnce) continue;
    yield some;
    some = [];
    await nextTurn();
  }
  if (some.length > 0) yield some;
}
