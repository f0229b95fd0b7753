import type { MetricFigures } from "../runDetails.js";

/*
 * What is kept of each metric: six numbers, however long it is. NaN stands for none, but in `last`, where it is one.
 */

/** Numbers of one metric. */
export const figureCount = 6;
const count = 0;
const last = 1;
const lastStep = 2;
const min = 3;
const max = 4;
const firstNotFinite = 5;

/** Metrics of one run: names beyond these are passed over. */
const mostMetrics = 10_000;
/** Names that a run logs beside its metrics. */
const notMetrics = new Set(["global_step", "step", "time", "stage"]);

/** The figures of all metrics of a run, as its events come. */
export class GrowingFigures {
  readonly metrics: Map<string, Float64Array>;
  /** Names that were passed over, as often as they came. */
  leftOut = 0;

  /** @param metrics those to go on with; they are changed. */
  constructor(metrics = new Map<string, Float64Array>()) {
    this.metrics = metrics;
  }

  /** @param data what one call of `log` was given: null and NaN are values that are no numbers. */
  take(data: Readonly<Record<string, unknown>>, isNotANumber: (value: unknown) => boolean): void {
    const told = data["global_step"] ?? data["step"];
    for (const name in data) {
      if (notMetrics.has(name)) continue;
      const value = data[name];
      if (typeof value === "number") this.#add(name, value, told);
      else if (isNotANumber(value)) this.#add(name, Number.NaN, told);
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
  // False beside NaN, which stands for none.
  if (!(Number(figures[min]) <= value)) figures[min] = value;
  if (!(Number(figures[max]) >= value)) figures[max] = value;
}

/** @param from where the six numbers of the metric begin. */
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

/** One of them, as a table shows it. */
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
