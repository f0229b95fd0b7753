import type { MetricFigures } from "../runDetails.js";

/* Each metric is summarized in six numbers. NaN means none, except in `last`, where it is a value. */

/** How many numbers summarize a metric. */
export const figureCount = 6;
const count = 0;
const last = 1;
const lastStep = 2;
const min = 3;
const max = 4;
const firstNotFinite = 5;

/** Maximum number of metrics of one run; others are skipped. */
const mostMetrics = 10_000;
/** Names in the data of an event that are not metrics. */
const notMetrics = new Set(["global_step", "step", "time", "stage"]);

/** The figures of all metrics of a run, updated with each event. */
export class GrowingFigures {
  readonly metrics: Map<string, Float64Array>;
  /** How many values were skipped. */
  leftOut: number;

  /** @param metrics the figures to update, in place. @param leftOut how many values were skipped before. */
  constructor(metrics = new Map<string, Float64Array>(), leftOut = 0) {
    this.metrics = metrics;
    this.leftOut = leftOut;
  }

  /** @param data the data of one call of `log`. */
  take(data: Readonly<Record<string, unknown>>, isNotANumber: (value: unknown) => boolean): void {
    const step = data["global_step"] ?? data["step"];
    for (const name in data) {
      if (notMetrics.has(name)) continue;
      const value = data[name];
      if (typeof value === "number") this.#add(name, value, step);
      else if (isNotANumber(value)) this.#add(name, Number.NaN, step);
    }
  }

  #add(name: string, value: number, step: unknown): void {
    let figures = this.metrics.get(name);
    if (!figures) {
      if (this.metrics.size >= mostMetrics) {
        this.leftOut += 1;
        return;
      }
      this.metrics.set(name, (figures = newFigures()));
    }
    addValue(figures, value, step);
  }
}

function newFigures(): Float64Array {
  const figures = new Float64Array(figureCount).fill(Number.NaN);
  figures[count] = 0;
  return figures;
}

function addValue(figures: Float64Array, value: number, step: unknown): void {
  const place = (figures[count] ?? 0) + 1;
  const at = typeof step === "number" ? step : place;
  figures[count] = place;
  figures[last] = value;
  figures[lastStep] = at;
  if (!Number.isFinite(value)) {
    if (Number.isNaN(figures[firstNotFinite])) figures[firstNotFinite] = at;
    return;
  }
  // Comparisons with NaN, which means none, are false.
  if (!(Number(figures[min]) <= value)) figures[min] = value;
  if (!(Number(figures[max]) >= value)) figures[max] = value;
}

/** @param from index of the first of the metric's six numbers. */
export function figuresAt(
  numbers: Float64Array,
  from: number,
  better: "min" | "max" | undefined,
): MetricFigures {
  const number = (index: number): number => numbers[from + index] ?? Number.NaN;
  const [lowest, highest] = [known(number(min)), known(number(max))];
  return {
    count: number(count),
    last: number(last),
    lastStep: number(lastStep),
    min: lowest,
    max: highest,
    best: better === "min" ? lowest : better === "max" ? highest : undefined,
    firstNotFinite: known(number(firstNotFinite)),
  };
}

/** One of the figures, for a table. */
export function figureAt(
  numbers: Float64Array,
  from: number,
  which: "last" | "min" | "max",
): number | undefined {
  if (which === "last") return numbers[from + last];
  return known(numbers[from + (which === "min" ? min : max)] ?? Number.NaN);
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
