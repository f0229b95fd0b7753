/** Points of a line, x rising. */
export interface Points {
  readonly xs: readonly number[];
  /** null: no value there. */
  readonly ys: readonly (number | null)[];
}

/** What is wanted of the charts. */
export interface ChartView {
  readonly x: "step" | "time";
  /** Pixels: lines are thinned to what so many can show. */
  readonly width: number;
  /** Weight of what came before in the exponential average: 0 is none, below 1. */
  readonly smoothing: number;
  /** The part of a metric's x axis that is looked at. */
  readonly ranges: ReadonlyMap<string, readonly [number, number]>;
}

/** One run's line in the chart of a metric. */
export interface ChartLine extends Points {
  /** The place of the run among those asked for. */
  readonly run: number;
  /** How many values were logged. */
  readonly count: number;
  /** The newest value; null: not a number. */
  readonly latest: number | null;
}

export interface Chart {
  readonly metric: string;
  readonly lines: readonly ChartLine[];
}
