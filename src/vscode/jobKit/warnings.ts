/** Milliseconds before the end of a job at which the user is warned. */
export const firstWarning = 10 * 60_000;
const marks: readonly number[] = [firstWarning, 2 * 60_000];

/**
 * The warning that is due; of several, the last.
 * @param left time left in milliseconds.
 * @returns undefined if it is too early, or too late.
 */
export function dueWarning(left: number): number | undefined {
  return left <= 0 ? undefined : marks.filter((mark) => left <= mark).at(-1);
}
