/*
 * Matrices: the same behaviour under everything that it may meet. `npm run test:matrix` tries all of them; without it each
 * value has its turn once, so that no value is left out.
 */

/** MATRIX=full: the long form. */
export const isFullMatrix = process.env["MATRIX"] === "full";

/** All of them in the long form; else the one whose turn it is, by any number. */
export function inTurn<T>(all: readonly T[], turn: number): readonly T[] {
  return isFullMatrix ? all : all.slice(turn % all.length).slice(0, 1);
}

/** Each of `all` with each of `others` in the long form; else with one of them, in turns. */
export function paired<A, B>(all: readonly A[], others: readonly B[]): readonly (readonly [A, B])[] {
  return all.flatMap((one, index) => inTurn(others, index).map((other) => [one, other] as const));
}
