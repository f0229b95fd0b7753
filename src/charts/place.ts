import type { XAxis } from "./chart.js";
import type { Series } from "./metrics.js";

/** The values of a metric on an axis. */
export interface Placed {
  /** Ascending. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly steps: Float64Array;
  /** Indexes in the series, ascending, of values that were logged again later; empty for most runs. */
  readonly replaced: readonly number[];
  /** Position of a value of the series on the axis; NaN if it has none. */
  xAt(index: number): number;
}

/**
 * Puts the values of a metric on an axis. A resumed run repeats steps: values that it logs again replace the earlier
 * ones of the same steps, as in TensorBoard.
 * @param other the metric of the axis `metric`; without it, nothing is on that axis.
 */
export function placeOn(axis: XAxis, series: Series, other?: Series): Placed {
  const { steps, times, values } = series;
  const xAt = placesOn(axis, series, other);
  if (axis !== "metric" && rises(steps, (step, before) => step > before)) {
    if (axis === "step") return { xs: steps, ys: values, steps, replaced: [], xAt };
    if (axis === "relative-step" || rises(times, (time, before) => time >= before))
      return { xs: steps.map((_, index) => xAt(index)), ys: values, steps, replaced: [], xAt };
  }
  const { kept, replaced } = findReplaced(steps);
  const indexes = axis === "metric" ? byPlace(kept, xAt) : isTime(axis) ? withRisingTimes(kept, xAt) : kept;
  return {
    xs: Float64Array.from(indexes, xAt),
    ys: Float64Array.from(indexes, (index) => values[index] ?? Number.NaN),
    steps: Float64Array.from(indexes, (index) => steps[index] ?? Number.NaN),
    replaced,
    xAt,
  };
}

function isTime(axis: XAxis): boolean {
  return axis === "time" || axis === "wall-time";
}

function placesOn(
  axis: XAxis,
  { steps, times }: Series,
  other: Series | undefined,
): (index: number) => number {
  switch (axis) {
    case "step":
      return (index) => steps[index] ?? 0;
    case "relative-step": {
      const first = steps.reduce((least, step) => Math.min(least, step), Infinity);
      return (index) => (steps[index] ?? 0) - first;
    }
    case "time": {
      const start = times.find(Number.isFinite) ?? 0;
      return (index) => (times[index] ?? Number.NaN) - start;
    }
    case "wall-time":
      return (index) => times[index] ?? Number.NaN;
    case "metric": {
      const byStep = new Map<number, number>();
      // In the order of logging: the latest value counts.
      other?.values.forEach((value, index) => byStep.set(other.steps[index] ?? 0, value));
      return (index) => byStep.get(steps[index] ?? 0) ?? Number.NaN;
    }
  }
}

/** Indexes of the values that count, and of those that were logged again later, in the order of logging. */
function findReplaced(steps: Float64Array): { readonly kept: number[]; readonly replaced: number[] } {
  const [kept, replaced]: [number[], number[]] = [[], []];
  let earliest = Infinity;
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index] ?? 0;
    if (step < earliest) kept.push(index);
    else replaced.push(index);
    earliest = Math.min(earliest, step);
  }
  return { kept: kept.reverse(), replaced: replaced.reverse() };
}

/** Drops values from before a clock was set back, and values without a time. */
function withRisingTimes(indexes: readonly number[], xAt: (index: number) => number): number[] {
  const kept: number[] = [];
  let earliest = Infinity;
  for (let at = indexes.length - 1; at >= 0; at -= 1) {
    const index = indexes[at] ?? 0;
    const x = xAt(index);
    if (!(x <= earliest)) continue;
    earliest = x;
    kept.push(index);
  }
  return kept.reverse();
}

function byPlace(indexes: readonly number[], xAt: (index: number) => number): number[] {
  return indexes.filter((index) => Number.isFinite(xAt(index))).sort((one, other) => xAt(one) - xAt(other));
}

function rises(all: Float64Array, isAfter: (one: number, before: number) => boolean): boolean {
  return all.every((one, index) => index === 0 || isAfter(one, all[index - 1] ?? one));
}
