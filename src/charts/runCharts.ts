import type { Chart, ChartLine, ChartView } from "./chart.js";
import { createMetrics, type Metrics, type Series } from "./metrics.js";
import { downsample } from "./downsample.js";
import type { Syncs } from "../sync/syncs.js";

/** A run whose metrics are drawn. */
export interface ChartedRun {
  readonly syncId: string;
  readonly id: string;
  /** The run's folder, relative to the root, when it was chosen. */
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

export function createRunCharts(
  syncs: Pick<Syncs, "fetch" | "folderOfRun">,
  runs: readonly ChartedRun[],
): RunCharts {
  const metrics: (Metrics | undefined)[] = runs.map(() => undefined);
  const folders = runs.map(({ folder }) => folder);

  const updateRun = async (
    index: number,
    signal: AbortSignal | undefined,
  ): Promise<{ changed: boolean; fresh: boolean }> => {
    const run = runs[index];
    if (!run) return { changed: false, fresh: true };
    const folder = await syncs.folderOfRun(run);
    const { path, fresh } = await syncs.fetch(run.syncId, `${folder}/events.jsonl`, { signal });
    if (folder !== folders[index]) metrics[index] = undefined;
    folders[index] = folder;
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
  const drawn = whatCounts(series, view.x);
  const [from, to] = view.ranges.get(metric) ?? [];
  const smooth = view.smoothing > 0 ? average(drawn.ys, view.smoothing) : drawn.ys;
  const newest = series.values.at(-1) ?? Number.NaN;
  return {
    run,
    count: series.length,
    latest: Number.isFinite(newest) ? newest : null,
    ...downsample(drawn.xs, smooth, Math.max(50, Math.round(view.width)), from, to),
  };
}

/**
 * The values of a line, x rising. A run that was resumed counts its steps again from where it took up: what it logged
 * after replaces what it had logged before of the same steps, as in TensorBoard.
 */
function whatCounts(
  { steps, times, values }: Series,
  x: ChartView["x"],
): { readonly xs: Float64Array; readonly ys: Float64Array } {
  const start = times.find(Number.isFinite) ?? 0;
  if (rises(steps, (step, before) => step > before)) {
    if (x === "step") return { xs: steps, ys: values };
    if (rises(times, (time, before) => time >= before))
      return { xs: times.map((time) => time - start), ys: values };
  }
  const xAt = (index: number): number =>
    x === "step" ? (steps[index] ?? 0) : (times[index] ?? Number.NaN) - start;
  const kept: number[] = [];
  let earliestStep = Infinity;
  let earliestTime = Infinity;
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const step = steps[index] ?? 0;
    if (step >= earliestStep) continue;
    earliestStep = step;
    const place = xAt(index);
    // A clock that was set back, or no time at all.
    if (x === "time" && !(place <= earliestTime)) continue;
    earliestTime = place;
    kept.push(index);
  }
  kept.reverse();
  return {
    xs: Float64Array.from(kept, xAt),
    ys: Float64Array.from(kept, (index) => values[index] ?? Number.NaN),
  };
}

function rises(all: Float64Array, isAfter: (one: number, before: number) => boolean): boolean {
  return all.every((one, index) => index === 0 || isAfter(one, all[index - 1] ?? one));
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
