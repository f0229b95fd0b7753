import type { Chart, Range } from "./chart.js";

/** Why values of a chart are not drawn. */
export type NotDrawn = "no-numbers" | "not-positive" | "too-large";

export interface Drawable {
  /** The lines' values as a plot takes them; null: no point there. */
  readonly lines: readonly (readonly (number | null)[])[];
  /** What a person is to be told: all values are missing, or some are too large. */
  readonly notDrawn: NotDrawn | undefined;
}

/** What is further from 0 leaves no room for an axis: the distance of two such numbers is infinite. */
const largest = 1e300;

/** @param isLog whether the axis is logarithmic: it has no place for 0 and below. */
export function drawableOf({ lines }: Pick<Chart, "lines">, isLog: boolean): Drawable {
  let [isTooLarge, isNotPositive, isDrawn] = [false, false, false];
  const drawn = lines.map(({ ys }) =>
    ys.map((y) => {
      if (y === null) return null;
      if (Math.abs(y) > largest) isTooLarge = true;
      else if (isLog && y <= 0) isNotPositive = true;
      else {
        isDrawn = true;
        return y;
      }
      return null;
    }),
  );
  const hasValues = lines.some(({ count }) => count > 0);
  const none = isNotPositive ? "not-positive" : hasValues ? "no-numbers" : undefined;
  return { lines: drawn, notDrawn: isTooLarge ? "too-large" : isDrawn ? undefined : none };
}

/** Part of a place that two ends of an axis are apart at least: far more than numbers of that size can tell. */
const narrowest = 2 ** -36;

/**
 * The ends of an axis as a plot can take them: apart, and finite with their distance. A plot goes from mark to mark by adding, and
 * would never arrive where a sum is the number that it was.
 */
export function axisRange([one, other]: Range): Range {
  const [from, to] = [one, other].map((end) => Math.max(-largest, Math.min(largest, end)));
  if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) return [0, 1];
  const least = Math.max(Math.abs(from), Math.abs(to), 1e-290) * narrowest;
  if (from === to) return [from - Math.max(0.5, least), to + Math.max(0.5, least)];
  if (to - from >= least) return [from, to];
  const middle = from + (to - from) / 2;
  return [middle - least, middle + least];
}

/** Seconds from the epoch on either side that a date can tell, and the beginning of its day and year. */
const furthestTime = 8e12;

/** The same of an axis of dates: a plot looks without end for marks beyond those that there are. */
export function timeRange(range: Range): Range {
  const [from = 0, to = 0] = axisRange(range).map((end) =>
    Math.max(-furthestTime, Math.min(furthestTime, end)),
  );
  return axisRange([from, to]);
}
