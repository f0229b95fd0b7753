import { createSemaphore } from "../common/async/semaphore.js";
import { bandOf, type WholeLine } from "./bands.js";
import type { Chart, ChartLine, ChartView, MetricName, Points } from "./chart.js";
import { downsample } from "./downsample.js";
import { marksOf } from "./marks.js";
import { createMetrics, type Metrics, memoryRoom, type Series, type SkippedValues } from "./metrics.js";
import { type Placed, placeOn } from "./place.js";
import { smooth } from "./smooth.js";
import type { Syncs } from "../sync/syncs.js";

/** A run whose metrics are drawn. */
export interface ChartedRun {
  readonly syncId: string;
  readonly id: string;
  /** The run's folder, relative to the root, when it was chosen. */
  readonly folder: string;
}

/** Why the values of a run could not be read. */
export interface RunFailure {
  /** Index into the requested runs. */
  readonly run: number;
  readonly reason: unknown;
}

/** The result of an update. */
export interface RunsUpdate {
  readonly changed: boolean;
  /** Whether the hosts could be reached. */
  readonly fresh: boolean;
  readonly failures: readonly RunFailure[];
}

export interface RunsUpdateOptions {
  readonly signal?: AbortSignal | undefined;
  /** Selects runs by index; default: all. */
  readonly which?: ((run: number) => boolean) | undefined;
  /** Called after each run. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The metrics of growing runs. */
export interface RunCharts {
  /** Fetches and reads what is new. A run that cannot be read does not affect others. */
  update(options?: RunsUpdateOptions): Promise<RunsUpdate>;
  /** Every metric that a run logged, the most common first. */
  names(): readonly MetricName[];
  chart(metric: string, view: ChartView): Chart;
  /**
   * What is not shown, of all runs together.
   * @param isOver whether the run with this index has ended: then an incomplete last line counts as not shown.
   */
  skipped(isOver: (run: number) => boolean): Omit<SkippedValues, "isCutOff">;
  dispose(): void;
}

/** Memory budget in bytes for the values of all runs of one tab. */
export const mostMemory = 512 * 1024 * 1024;
/** Maximum number of runs to read at once. */
const atOnce = 8;

export function createRunCharts(
  syncs: Pick<Syncs, "fetch" | "folderOfRun">,
  runs: readonly ChartedRun[],
  bytes = mostMemory,
): RunCharts {
  const room = memoryRoom(bytes);
  const metrics: (Metrics | undefined)[] = runs.map(() => undefined);
  const folders = runs.map(({ folder }) => folder);

  const updateRun = async (
    index: number,
    signal: AbortSignal | undefined,
  ): Promise<{ changed: boolean; fresh: boolean }> => {
    const run = runs[index];
    if (!run) return { changed: false, fresh: true };
    const folder = await syncs.folderOfRun(run);
    const { place, fresh } = await syncs.fetch(run.syncId, `${folder}/events.jsonl`, { signal });
    if (folder !== folders[index]) {
      metrics[index]?.dispose();
      metrics[index] = undefined;
    }
    folders[index] = folder;
    const present = (metrics[index] ??= createMetrics(place, room));
    return { changed: await present.update(signal), fresh };
  };

  return {
    update: async ({ signal, which = () => true, onProgress } = {}) => {
      const wanted = runs.map((_, index) => index).filter(which);
      let [done, changed, fresh] = [0, false, true];
      const failures: RunFailure[] = [];
      const places = createSemaphore(atOnce);
      const look = async (run: number): Promise<void> => {
        try {
          const leave = await places.enter(signal);
          const one = await updateRun(run, signal).finally(leave);
          changed ||= one.changed;
          fresh &&= one.fresh;
        } catch (reason) {
          failures.push({ run, reason });
        }
        done += 1;
        onProgress?.(done, wanted.length);
      };
      await Promise.all(wanted.map(look));
      return { changed, fresh, failures: failures.sort((one, other) => one.run - other.run) };
    },
    names: () => {
      const counts = new Map<string, number>();
      for (const one of metrics) {
        for (const name of one?.series.keys() ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      const names = [...counts].sort(([a, m], [b, n]) => n - m || byName(a, b));
      return names.map(([metric, count]) => ({ metric, runs: count }));
    },
    chart: (metric, view) => chartOf(metrics, metric, view),
    skipped: (isOver) => {
      const all = metrics.flatMap((one, run) => (one ? { ...one.skipped, isOver: isOver(run) } : []));
      return {
        lines: all.reduce((sum, one) => sum + one.lines + Number(one.isCutOff && one.isOver), 0),
        values: all.reduce((sum, { values }) => sum + values, 0),
        hasMoreMetrics: all.some(({ hasMoreMetrics }) => hasMoreMetrics),
      };
    },
    dispose: () => {
      for (const one of metrics) one?.dispose();
    },
  };
}

const { compare: byName } = new Intl.Collator("en", { numeric: true });

/** Maximum points of all lines together that are not prominent. */
const pointsOfOthers = 32_000;
/** Maximum points of the mean of a group. */
const pointsOfMean = 2_000;

function chartOf(metrics: readonly (Metrics | undefined)[], metric: string, view: ChartView): Chart {
  const wholeOf = (run: number): { readonly series: Series; readonly placed: Placed } | undefined => {
    const series = metrics[run]?.series.get(metric);
    const other = view.x === "metric" ? metrics[run]?.series.get(view.xMetric) : undefined;
    return series && { series, placed: placeOn(view.x, series, other) };
  };
  if (view.groups.length > 0) return { metric, lines: groupLines(wholeOf, view) };
  const others = metrics.filter((_, run) => !view.prominent.has(run)).length;
  const few = Math.min(view.width, Math.max(12, Math.round(pointsOfOthers / 4 / Math.max(1, others))));
  return {
    metric,
    lines: metrics.flatMap((_, run) => {
      const whole = wholeOf(run);
      if (!whole) return [];
      const isProminent = view.prominent.has(run);
      const buckets = Math.max(isProminent ? 50 : 12, Math.round(isProminent ? view.width : few));
      return [lineOf(whole.series, whole.placed, run, { ...view, buckets, isProminent })];
    }),
  };
}

interface LineView extends ChartView {
  readonly buckets: number;
  readonly isProminent: boolean;
}

function lineOf(series: Series, placed: Placed, run: number, view: LineView): ChartLine {
  const { xs, ys } = placed;
  const isSmooth = view.smoothing > 0;
  const thinned = (all: Float64Array): Points =>
    short(downsample(xs, all, view.buckets, view.range?.[0], view.range?.[1]));
  const newest = series.values.at(-1) ?? Number.NaN;
  return {
    run,
    count: series.length,
    latest: Number.isFinite(newest) ? newest : null,
    ...thinned(isSmooth ? smooth(xs, ys, view.smoothing) : ys),
    ...(isSmooth && view.isProminent && { raw: thinned(ys) }),
    ...marksOf(placed),
    replacedCount: placed.replaced.length,
    ...(view.replaced && view.x !== "metric" && { replaced: stretchesOf(series, placed, view) }),
  };
}

/** Maximum number of replaced stretches drawn of one line. */
const mostStretches = 50;

/** The replaced values of a resumed run, as one line for each stretch with ascending x. */
function stretchesOf({ values }: Series, placed: Placed, { buckets, range }: LineView): Points[] {
  const stretches: number[][] = [];
  let last: number | undefined;
  for (const index of placed.replaced) {
    const x = placed.xAt(index);
    if (!Number.isFinite(x)) continue;
    const isNext = last !== undefined && index === last + 1 && x >= placed.xAt(last);
    if (isNext) stretches.at(-1)?.push(index);
    else if (stretches.length === mostStretches) break;
    else stretches.push([index]);
    last = index;
  }
  return stretches.map((indexes) => {
    const xs = Float64Array.from(indexes, (index) => placed.xAt(index));
    const ys = Float64Array.from(indexes, (index) => values[index] ?? Number.NaN);
    return short(
      downsample(xs, ys, Math.max(10, Math.round(buckets / stretches.length)), range?.[0], range?.[1]),
    );
  });
}

function groupLines(
  wholeOf: (run: number) => { readonly series: Series; readonly placed: Placed } | undefined,
  { groups, band, smoothing, range }: ChartView,
): ChartLine[] {
  return groups.flatMap(({ runs }, group) => {
    const all = runs.flatMap((run) => wholeOf(run) ?? []);
    if (all.length === 0) return [];
    const lines = all.map(({ placed: { xs, ys } }) => ({
      xs,
      ys: smoothing > 0 ? smooth(xs, ys, smoothing) : ys,
    }));
    const { xs, ys, low, high } = bandOf(lines, band, pointsOfMean, range);
    const marked = all.map(({ placed }) => marksOf(placed));
    return [
      {
        run: group,
        count: all.reduce((sum, { series }) => sum + series.length, 0),
        latest: latestMean(all.map(({ placed }) => placed)),
        xs,
        ys: ys.map(shortNumber),
        band: { low: low.map(shortNumber), high: high.map(shortNumber) },
        marks: marked.flatMap(({ marks }) => marks).slice(0, 40),
        notFinite: marked.reduce((sum, { notFinite }) => sum + notFinite, 0),
        replacedCount: all.reduce((sum, { placed }) => sum + placed.replaced.length, 0),
      },
    ];
  });
}

/** The mean of lines where the longest ends; null if it is not finite there. */
function latestMean(lines: readonly WholeLine[]): number | null {
  const end = lines.reduce((greatest, { xs }) => Math.max(greatest, xs.at(-1) ?? -Infinity), -Infinity);
  return bandOf(lines, "range", 1, [end, end]).ys.at(-1) ?? null;
}

/** Rounds to the digits that a screen can show. */
function short({ xs, ys }: Points): Points {
  return { xs, ys: ys.map(shortNumber) };
}

function shortNumber(y: number | null): number | null {
  return y === null ? null : Number(y.toPrecision(8));
}
