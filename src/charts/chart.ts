/** Points of a line, x rising. */
export interface Points {
  readonly xs: readonly number[];
  /** null: no value there. */
  readonly ys: readonly (number | null)[];
}

/**
 * What lines are drawn over: the step; steps or seconds since a run's first; seconds since the epoch; or the values of
 * another metric of the same steps.
 */
export type XAxis = "step" | "relative-step" | "time" | "wall-time" | "metric";

export const xAxes = ["step", "relative-step", "time", "wall-time", "metric"] as const;

/** A part of an axis. */
export type Range = readonly [from: number, to: number];

/** What is drawn around the mean of a group: all that its runs have there, or the standard deviation. */
export type BandKind = "range" | "deviation";

/** Runs that are drawn as one. */
export interface RunGroup {
  readonly label: string;
  /** Their places among those asked for. */
  readonly runs: readonly number[];
}

/** What is wanted of the charts. */
export interface ChartView {
  readonly x: XAxis;
  /** For the axis `metric`: its name. */
  readonly xMetric: string;
  /** Pixels: lines are thinned to what so many can show. */
  readonly width: number;
  /** Weight of what came before in the exponential average: 0 is none, below 1. */
  readonly smoothing: number;
  /** The part of the x axis that is looked at; undefined: all of it. */
  readonly range: Range | undefined;
  /** Whether values that a resumed run logged anew are wanted too. */
  readonly replaced: boolean;
  /** Empty: each run has a line of its own. */
  readonly groups: readonly RunGroup[];
  readonly band: BandKind;
  /** Runs, by their places, whose lines are drawn in all detail however many there are. */
  readonly prominent: ReadonlySet<number>;
}

/** Where a run logged what is no finite number. */
export interface ChartMark {
  readonly x: number;
  readonly step: number;
  readonly kind: "NaN" | "Infinity" | "-Infinity";
}

/** One run's line in the chart of a metric. */
export interface ChartLine extends Points {
  /** The place of the run among those asked for, or of the group among those. */
  readonly run: number;
  /** How many values were logged. */
  readonly count: number;
  /** The newest value; null: not a number. */
  readonly latest: number | null;
  /** What is averaged; undefined where nothing is, or the run is not prominent. */
  readonly raw?: Points | undefined;
  /** The first ones, and the last. */
  readonly marks: readonly ChartMark[];
  /** How many values are no finite number. */
  readonly notFinite: number;
  /** How many values a resumed run logged anew. */
  readonly replacedCount: number;
  /** Those, each stretch by itself, where they are wanted. */
  readonly replaced?: readonly Points[] | undefined;
  /** Of a group: the lower and the upper edge around its mean. */
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

/** A part of a chart, as one message carries it. */
export interface ChartPart extends Chart {
  /** It begins the chart anew. */
  readonly isFirst: boolean;
  /** The chart is whole with it. */
  readonly isLast: boolean;
}
