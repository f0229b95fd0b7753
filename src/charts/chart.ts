/** Points of a line, x ascending. */
export interface Points {
  readonly xs: readonly number[];
  /** null: no value there. */
  readonly ys: readonly (number | null)[];
}

/**
 * The x axis: the step; steps or seconds since a run's first; seconds since the epoch; or another metric's values at
 * the same steps.
 */
export type XAxis = "step" | "relative-step" | "time" | "wall-time" | "metric";

export const xAxes = ["step", "relative-step", "time", "wall-time", "metric"] as const;

/** A part of an axis. */
export type Range = readonly [from: number, to: number];

/** The band around the mean of a group: minimum to maximum, or the standard deviation. */
export type BandKind = "range" | "deviation";

/** Runs that are drawn as one line. */
export interface RunGroup {
  readonly label: string;
  /** Indexes into the requested runs. */
  readonly runs: readonly number[];
}

/** How to draw the charts. */
export interface ChartView {
  readonly x: XAxis;
  /** The metric of the axis `metric`. */
  readonly xMetric: string;
  /** In pixels: lines are downsampled to it. */
  readonly width: number;
  /** Weight of earlier values in the exponential moving average, from 0 (none) to below 1. */
  readonly smoothing: number;
  /** The visible part of the x axis; undefined: all of it. */
  readonly range: Range | undefined;
  /** Whether to include values that a resumed run logged again. */
  readonly replaced: boolean;
  /** Empty: each run has a line of its own. */
  readonly groups: readonly RunGroup[];
  readonly band: BandKind;
  /** Indexes of runs whose lines are always drawn in full detail. */
  readonly prominent: ReadonlySet<number>;
}

/** Where a run logged a value that is not finite. */
export interface ChartMark {
  readonly x: number;
  readonly step: number;
  readonly kind: "NaN" | "Infinity" | "-Infinity";
}

/** One run's line in the chart of a metric. */
export interface ChartLine extends Points {
  /** Index of the run among the requested ones, or of the group. */
  readonly run: number;
  /** How many values were logged. */
  readonly count: number;
  /** The newest value; null: not finite. */
  readonly latest: number | null;
  /** The line without smoothing; undefined if there is none, or the run is not prominent. */
  readonly raw?: Points | undefined;
  /** The first ones and the last. */
  readonly marks: readonly ChartMark[];
  /** How many values are not finite. */
  readonly notFinite: number;
  /** How many values a resumed run logged again. */
  readonly replacedCount: number;
  /** The replaced values as separate lines, if requested. */
  readonly replaced?: readonly Points[] | undefined;
  /** For a group: the lower and upper edge of its band. */
  readonly band?: {
    readonly low: readonly (number | null)[];
    readonly high: readonly (number | null)[];
  };
}

export interface Chart {
  readonly metric: string;
  readonly lines: readonly ChartLine[];
}

/** A metric, and how many of the runs logged it. */
export interface MetricName {
  readonly metric: string;
  readonly runs: number;
}

/** The part of a chart in one message. */
export interface ChartPart extends Chart {
  /** Whether it begins the chart. */
  readonly isFirst: boolean;
  /** Whether it completes the chart. */
  readonly isLast: boolean;
}
