import type { Chart, ChartLine, Range } from "../../../src/charts/chart.js";
import { drawableOf } from "../../../src/charts/drawable.js";
import type { ChartsModel } from "../chartsModel.js";

/** Returns the index of the first value that is not less (binary search). */
function lowerBound(xs: readonly number[], wanted: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((xs[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns a line's value at x: that of the last point at or before it. Undefined before the first one and in a gap. */
export function valueAt({ xs, ys }: Pick<ChartLine, "xs" | "ys">, x: number): number | undefined {
  const next = lowerBound(xs, x);
  const index = xs[next] === x ? next : next - 1;
  return ys[index] ?? undefined;
}

/** Interpolates the drawn line at x. */
function heightAt({ xs, ys }: Pick<ChartLine, "xs" | "ys">, x: number): number | undefined {
  const next = lowerBound(xs, x);
  if (xs[next] === x) return ys[next] ?? undefined;
  const [before, after] = [ys[next - 1], ys[next]];
  if (typeof before !== "number" || typeof after !== "number") return undefined;
  const [from, to] = [xs[next - 1] ?? x, xs[next] ?? x];
  return before + ((after - before) * (x - from)) / (to - from || 1);
}

/** Finds the line with the least vertical distance. @param most maximum distance in pixels. */
export function nearestLine(
  lines: readonly ChartLine[],
  x: number,
  pixelsTo: (y: number) => number,
  most: number,
): number | undefined {
  let [found, least]: [number | undefined, number] = [undefined, most];
  for (const line of lines) {
    const y = heightAt(line, x);
    const distance = y === undefined ? Infinity : pixelsTo(y);
    if (distance > least) continue;
    [found, least] = [line.run, distance];
  }
  return found;
}

/** The visible lines, as far as the axis can show them. */
export interface ShownLines {
  readonly lines: readonly ChartLine[];
  readonly notDrawn: ReturnType<typeof drawableOf>["notDrawn"];
}

export function shownLines({ lines }: Pick<Chart, "lines">, model: ChartsModel): ShownLines {
  const shown = lines.filter(({ run }) => !model.isHidden(run));
  const { lines: drawn, notDrawn } = drawableOf({ lines: shown }, model.controls.isLog);
  return { lines: shown.map((line, index) => ({ ...line, ys: drawn[index] ?? line.ys })), notDrawn };
}

/** Returns the range of x values; undefined if there are none. */
export function xExtent(lines: readonly ChartLine[]): Range | undefined {
  let [from, to] = [Infinity, -Infinity];
  for (const { xs, marks } of lines) {
    if (xs.length > 0) [from, to] = [Math.min(from, xs[0] ?? from), Math.max(to, xs.at(-1) ?? to)];
    for (const { x } of marks) [from, to] = [Math.min(from, x), Math.max(to, x)];
  }
  return from <= to ? [from, to] : undefined;
}

/** Returns the range of y values within a range of x. */
export function yExtent(lines: readonly ChartLine[], [start, end]: Range, isLog: boolean): Range | undefined {
  let [from, to] = [Infinity, -Infinity];
  const add = (xs: readonly number[], ys: readonly (number | null)[]): void => {
    for (let index = 0; index < xs.length; index += 1) {
      const [x, y] = [xs[index] ?? Number.NaN, ys[index] ?? null];
      if (y === null || x < start || x > end || Math.abs(y) > 1e300 || (isLog && y <= 0)) continue;
      [from, to] = [Math.min(from, y), Math.max(to, y)];
    }
  };
  for (const { xs, ys, raw, replaced, band } of lines) {
    add(xs, ys);
    if (raw) add(raw.xs, raw.ys);
    for (const stretch of replaced ?? []) add(stretch.xs, stretch.ys);
    if (band) add(xs, band.low);
    if (band) add(xs, band.high);
  }
  return from <= to ? [from, to] : undefined;
}

/** Returns the distinct x values of some lines, ascending. */
export function placesOf(lines: readonly ChartLine[]): readonly number[] {
  const all = new Set<number>();
  for (const { xs } of lines) for (const x of xs) all.add(x);
  return [...all].sort((one, other) => one - other);
}
