import type { BandKind, Points, Range } from "./chart.js";

/** One run's line at full resolution. */
export interface WholeLine {
  /** Ascending. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** The mean of several lines and the band around it. */
export interface Band extends Points {
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/**
 * The mean of lines at each of their x values, or at `most` evenly spaced ones if there are more. Lines are
 * interpolated linearly; they contribute nothing before their first value, after their last, and next to values that
 * are not finite.
 * @param range the visible part of the x axis.
 */
export function bandOf(
  lines: readonly WholeLine[],
  kind: BandKind,
  most: number,
  range: Range | undefined,
): Band {
  const xs = gridOf(lines, most, range);
  const readers = lines.map(readerOf);
  const [ys, low, high]: [(number | null)[], (number | null)[], (number | null)[]] = [[], [], []];
  for (const x of xs) {
    const values = readers.map((read) => read(x)).filter(Number.isFinite);
    const mean = values.reduce((sum, value) => sum + value / values.length, 0);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0));
    const isAny = values.length > 0;
    ys.push(isAny ? mean : null);
    low.push(isAny ? (kind === "range" ? Math.min(...values) : mean - deviation) : null);
    high.push(isAny ? (kind === "range" ? Math.max(...values) : mean + deviation) : null);
  }
  return { xs, ys, low, high };
}

function gridOf(lines: readonly WholeLine[], most: number, range: Range | undefined): number[] {
  const [from, to] = range ?? [-Infinity, Infinity];
  const first = lines.reduce((least, { xs }) => Math.min(least, xs[0] ?? Infinity), Infinity);
  const last = lines.reduce((greatest, { xs }) => Math.max(greatest, xs.at(-1) ?? -Infinity), -Infinity);
  const [start, end] = [Math.max(first, from), Math.min(last, to)];
  if (!(start <= end)) return [];
  const places = new Set<number>([start, end]);
  for (const { xs } of lines) {
    for (const x of xs) {
      if (x >= start && x <= end) places.add(x);
      if (places.size > most) return evenly(start, end, most);
    }
  }
  return [...places].sort((one, other) => one - other);
}

function evenly(start: number, end: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + ((end - start) * index) / (count - 1));
}

/** Returns a function that interpolates a line; call it with ascending x. */
function readerOf({ xs, ys }: WholeLine): (x: number) => number {
  let next = 0;
  return (x) => {
    while (next < xs.length && (xs[next] ?? 0) < x) next += 1;
    const [at, y] = [xs[next] ?? Number.NaN, ys[next] ?? Number.NaN];
    if (at === x) return y;
    if (next === 0 || next >= xs.length) return Number.NaN;
    const [before, yBefore] = [xs[next - 1] ?? x, ys[next - 1] ?? Number.NaN];
    return yBefore + ((y - yBefore) * (x - before)) / (at - before);
  };
}
