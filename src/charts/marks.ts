import type { ChartMark } from "./chart.js";
import type { Placed } from "./place.js";

/** Maximum number of marks of a line; the last one is always marked. */
const mostMarks = 40;

/** Finds the values of a line that are not finite. */
export function marksOf({ xs, ys, steps }: Pick<Placed, "xs" | "ys" | "steps">): {
  readonly marks: readonly ChartMark[];
  readonly notFinite: number;
} {
  const marks: ChartMark[] = [];
  let notFinite = 0;
  for (let index = 0; index < ys.length; index += 1) {
    const y = ys[index] ?? 0;
    const x = xs[index] ?? Number.NaN;
    if (Number.isFinite(y)) continue;
    notFinite += 1;
    if (!Number.isFinite(x)) continue;
    const kind = Number.isNaN(y) ? "NaN" : y > 0 ? "Infinity" : "-Infinity";
    if (marks.length === mostMarks) marks.pop();
    marks.push({ x, step: steps[index] ?? x, kind });
  }
  return { marks, notFinite };
}
