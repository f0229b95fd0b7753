import type { Chart, ChartLine, ChartView } from "./chart.js";
import { createMetrics, type Metrics, type Series } from "./metrics.js";
import { downsample } from "./downsample.js";
import type { Syncs } from "./syncs.js";

/** A run whose metrics are drawn. */
export interface ChartedRun {
  readonly syncId: string;
  /** The run's folder, relative to the root. */
  readonly folder: string;
}

/** The metrics of a few runs, read as they grow. */
export interface RunCharts {
  /**
   * Fetches and reads what is new.
   * @returns whether anything is, and whether the hosts could be asked.
   */
  update(signal?: AbortSignal): Promise<{ readonly changed: boolean; readonly fresh: boolean }>;
  /** Every metric that any of the runs logged, by name; those that most runs share come first. */
  charts(view: ChartView): readonly Chart[];
  chart(metric: string, view: ChartView): Chart;
}

export function createRunCharts(syncs: Syncs, runs: readonly ChartedRun[]): RunCharts {
  const metrics: (Metrics | undefined)[] = runs.map(() => undefined);

  const updateRun = async (
    index: number,
    signal: AbortSignal | undefined,
  ): Promise<{ changed: boolean; fresh: boolean }> => {
    const run = runs[index];
    if (!run) return { changed: false, fresh: true };
    const { path, fresh } = await syncs.fetch(run.syncId, `${run.folder}/events.jsonl`, { signal });
    const present = (metrics[index] ??= createMetrics(path));
    return { changed: await present.update(signal), fresh };
  };

  const chart = (metric: string, view: ChartView): Chart => ({
    metric,
    lines: metrics.flatMap((one, run) => {
      const series = one?.series.get(metric);
      return series ? [lineOf(series, run, metric, view)] : [];
    }),
  });

  return {
    update: async (signal) => {
      const results = await Promise.allSettled(runs.map((_, index) => updateRun(index, signal)));
      const failed = results.find((result) => result.status === "rejected");
      if (failed && results.every(({ status }) => status === "rejected")) throw failed.reason;
      const done = results.filter((result) => result.status === "fulfilled").map(({ value }) => value);
      return {
        changed: done.some(({ changed }) => changed),
        fresh: !failed && done.every(({ fresh }) => fresh),
      };
    },
    charts: (view) => {
      const counts = new Map<string, number>();
      for (const one of metrics) {
        for (const name of one?.series.keys() ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      const names = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b, "en"));
      return names.map(([name]) => chart(name, view));
    },
    chart,
  };
}

function lineOf(series: Series, run: number, metric: string, view: ChartView): ChartLine {
  const { xs, ys } = rising(view.x === "step" ? series.steps : sinceStart(series.times), series.values);
  const [from, to] = view.ranges.get(metric) ?? [];
  const smooth = view.smoothing > 0 ? average(ys, view.smoothing) : ys;
  const newest = series.values.at(-1) ?? Number.NaN;
  return {
    run,
    count: series.length,
    latest: Number.isFinite(newest) ? newest : null,
    ...downsample(xs, smooth, Math.max(50, Math.round(view.width)), from, to),
  };
}

/** Seconds since the first value. */
function sinceStart(times: Float64Array): Float64Array {
  const start = times[0] ?? 0;
  return times.map((time) => time - start);
}

/** A run that was resumed counts its steps again: a line's x must rise, so the values are put in that order. */
function rising(
  xs: Float64Array,
  ys: Float64Array,
): { readonly xs: Float64Array; readonly ys: Float64Array } {
  if (xs.every((x, index) => index === 0 || x >= (xs[index - 1] ?? 0))) return { xs, ys };
  const order = Uint32Array.from(xs.keys()).sort((a, b) => (xs[a] ?? 0) - (xs[b] ?? 0) || a - b);
  return {
    xs: Float64Array.from(order, (index) => xs[index] ?? 0),
    ys: Float64Array.from(order, (index) => ys[index] ?? Number.NaN),
  };
}

/** The exponential average, corrected for its start; gaps stay gaps. */
function average(ys: Float64Array, weight: number): Float64Array {
  let sum = 0;
  let total = 0;
  return ys.map((y) => {
    if (!Number.isFinite(y)) return y;
    sum = sum * weight + y * (1 - weight);
    total = total * weight + (1 - weight);
    return sum / total;
  });
}
