import * as z from "zod";
import { xAxes } from "../../charts/chart.js";
import type { RunName } from "../../runs/runName.js";
import { runName } from "../runKit/runName.js";
import type { chartTexts } from "./chartTexts.js";

/** A run's label and detail on the page. */
export interface ChartRunLabel {
  readonly label: string;
  readonly detail: string;
}

/** All texts of the page, which fills in `{0}` and so on. */
export type ChartTexts = ReturnType<typeof chartTexts>;

const range = z.tuple([z.number(), z.number()]);
/** The maximum length of a metric's name in `src/charts`. */
const metric = z.string().max(1_000);
const run = z.number().int().min(0).max(100_000);

const view = z.object({
  x: z.enum(xAxes),
  xMetric: metric,
  width: z.number().min(0).max(10_000),
  smoothing: z.number().min(0).max(0.999),
  /** The visible part of the x axis of all charts; missing: all of it. */
  range: range.optional(),
  replaced: z.boolean(),
  /** The id of the grouping; empty: none. */
  grouping: z.string().max(10_000),
  band: z.enum(["range", "deviation"]),
  /** Indexes of runs that are drawn in full detail, in addition to the best. */
  focused: z.array(run).max(1_000),
});

/** The view that a page requests. */
export type WantedView = z.infer<typeof view>;

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready"), view }),
  z.object({ kind: z.literal("view"), view }),
  /** All charts that are in view. */
  z.object({ kind: z.literal("seen"), metrics: z.array(metric).max(1_000) }),
  z.object({
    kind: z.literal("csv"),
    /** Missing: all metrics that match the search. */
    metric: metric.optional(),
    search: z.string().max(10_000),
    /** Indexes of runs to leave out. */
    hidden: z.array(run).max(100_000),
    to: z.enum(["file", "clipboard"]),
  }),
  /** A picture to save, in parts. */
  z.object({
    kind: z.literal("picture"),
    name: z.string().max(1_000),
    /** A part of the PNG in Base64; its length is a multiple of three bytes, except for the last part. */
    data: z.string().max(1 << 20),
    isFirst: z.boolean(),
    isLast: z.boolean(),
  }),
]);

/** From the page to the extension. */
export type FromChartPage = z.infer<typeof fromPage>;

/** Validates a message from the webview, which is untrusted. */
export function readFromChartPage(message: unknown): FromChartPage | undefined {
  return fromPage.safeParse(message).data;
}

const keptState = z.object({
  runs: z.array(runName).min(1).max(100_000),
});

/** A run of a panel, in the state that VS Code keeps for it. */
export type KeptRun = RunName;

/** The runs of a restored panel; none if its state is invalid. */
export function readKeptRuns(state: unknown): readonly KeptRun[] {
  return keptState.safeParse(state).data?.runs ?? [];
}
