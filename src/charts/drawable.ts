import type { Chart } from "./chart.js";

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
