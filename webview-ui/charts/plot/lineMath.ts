import type { Chart, ChartLine, Range } from "../../../src/charts/chart.js";
import { drawableOf } from "../../../src/charts/drawable.js";
import type { ChartsModel } from "../chartsModel.js";

/** The place of the first value that is not below. */
function lowerBound(xs: readonly number[], wanted: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((xs[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A line's value at a place: that of the last point not after it. Undefined before its first, and in a gap. */
export function valueAt({ xs, ys }: Pick<ChartLine, "xs" | "ys">, x: number): number | undefined {
  const next = lowerBound(xs, x);
  const index = xs[next] === x ? next : next - 1;
  return ys[index] ?? undefined;
}

/** Where the drawn line is at a place. */
function heightAt({ xs, ys }: Pick<ChartLine, "xs" | "ys">, x: number): number | undefined {
  const next = lowerBound(xs, x);
  if (xs[next] === x) return ys[next] ?? undefined;
  const [before, after] = [ys[next - 1], ys[next]];
  if (typeof before !== "number" || typeof after !== "number") return undefined;
  const [from, to] = [xs[next - 1] ?? x, xs[next] ?? x];
  return before + ((after - before) * (x - from)) / (to - from || 1);
}

/** The line that is nearest above or below a place. @param most pixels. */
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

/** The lines that are shown, as the axis can take them. */
export interface ShownLines {
  readonly lines: readonly ChartLine[];
  readonly notDrawn: ReturnType<typeof drawableOf>["notDrawn"];
}

export function shownLines({ lines }: Pick<Chart, "lines">, model: ChartsModel): ShownLines {
  const shown = lines.filter(({ run }) => !model.isHidden(run));
  const { lines: drawn, notDrawn } = drawableOf({ lines: shown }, model.controls.isLog);
  return { lines: shown.map((line, index) => ({ ...line, ys: drawn[index] ?? line.ys })), notDrawn };
}

/** From where to where the lines' places go; undefined where there are none. */
export function xExtent(lines: readonly ChartLine[]): Range | undefined {
  let [from, to] = [Infinity, -Infinity];
  for (const { xs, marks } of lines) {
    if (xs.length > 0) [from, to] = [Math.min(from, xs[0] ?? from), Math.max(to, xs.at(-1) ?? to)];
    for (const { x } of marks) [from, to] = [Math.min(from, x), Math.max(to, x)];
  }
  return from <= to ? [from, to] : undefined;
}

/** The same of their values, in a part of the axis. */
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

/** Every place of some lines, rising, each once. */
export function placesOf(lines: readonly ChartLine[]): readonly number[] {
  const all = new Set<number>();
  for (const { xs } of lines) for (const x of xs) all.add(x);
  return [...all].sort((one, other) => one - other);
}
