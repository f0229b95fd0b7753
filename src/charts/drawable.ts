import type { Chart, Range } from "./chart.js";

/** Why values of a chart are not drawn. */
export type NotDrawn = "no-numbers" | "not-positive" | "too-large";

export interface Drawable {
  /** The y values for the plot; null: no point. */
  readonly lines: readonly (readonly (number | null)[])[];
  /** Why nothing is drawn, or `too-large` if some values are too large. */
  readonly notDrawn: NotDrawn | undefined;
}

/** Larger numbers cannot be on an axis: the distance between two of them may be infinite. */
const largest = 1e300;

/** @param isLog whether the axis is logarithmic, without 0 and negative values. */
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

/** Minimum length of an axis relative to its ends: far above the precision of a double. */
const narrowest = 2 ** -36;

/**
 * Makes the ends of an axis usable for a plot: different, and with a finite distance. A plot adds up its ticks, and
 * would loop forever if adding one did not change the number.
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

/** Seconds from the epoch that a `Date` can represent, with the beginnings of its day and year. */
const furthestTime = 8e12;

/** The same for an axis of dates: beyond valid dates, a plot would look for ticks forever. */
export function timeRange(range: Range): Range {
  const [from = 0, to = 0] = axisRange(range).map((end) =>
    Math.max(-furthestTime, Math.min(furthestTime, end)),
  );
  return axisRange([from, to]);
}
