import * as z from "zod";
import { xAxes } from "../../charts/chart.js";
import type { RunName } from "../../runs/runName.js";
import { runName } from "../runKit/runName.js";
import type { chartTexts } from "./chartTexts.js";

/** A run as the page names it. */
export interface ChartRunLabel {
  readonly label: string;
  readonly detail: string;
}

/** Every text of the page: it has none of its own. `{0}` and so on are filled in by the page. */
export type ChartTexts = ReturnType<typeof chartTexts>;

const range = z.tuple([z.number(), z.number()]);
/** Names of metrics are no longer than that where they are read. */
const metric = z.string().max(1_000);
const run = z.number().int().min(0).max(100_000);

const view = z.object({
  x: z.enum(xAxes),
  xMetric: metric,
  width: z.number().min(0).max(10_000),
  smoothing: z.number().min(0).max(0.999),
  /** The part of the axis that all charts show; missing: all of it. */
  range: range.optional(),
  replaced: z.boolean(),
  /** The id of what puts runs into groups; empty: nothing. */
  grouping: z.string().max(10_000),
  band: z.enum(["range", "deviation"]),
  /** The places of runs that are drawn in all detail, beside the best. */
  focused: z.array(run).max(1_000),
});

/** How a page wants its charts. */
export type WantedView = z.infer<typeof view>;

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready"), view }),
  z.object({ kind: z.literal("view"), view }),
  /** The charts that are in view, all of them. */
  z.object({ kind: z.literal("seen"), metrics: z.array(metric).max(1_000) }),
  z.object({
    kind: z.literal("csv"),
    /** Missing: every metric that the search leaves. */
    metric: metric.optional(),
    search: z.string().max(10_000),
    /** The places of runs that are left out. */
    hidden: z.array(run).max(100_000),
    to: z.enum(["file", "clipboard"]),
  }),
  /** A picture of charts to be saved, in parts. */
  z.object({
    kind: z.literal("picture"),
    name: z.string().max(1_000),
    /** Base64 of a part of the PNG, of whole groups of three bytes but for the last. */
    data: z.string().max(1 << 20),
    isFirst: z.boolean(),
    isLast: z.boolean(),
  }),
]);

/** From the page to the extension. */
export type FromChartPage = z.infer<typeof fromPage>;

/** Messages from a webview are input like any other. */
export function readFromChartPage(message: unknown): FromChartPage | undefined {
  return fromPage.safeParse(message).data;
}

const keptState = z.object({
  runs: z.array(runName).min(1).max(100_000),
});

/** A run whose charts a panel shows, as VS Code keeps it while the window is away. */
export type KeptRun = RunName;

/** The runs of a panel that VS Code restores; none where what it kept is none of ours. */
export function readKeptRuns(state: unknown): readonly KeptRun[] {
  return keptState.safeParse(state).data?.runs ?? [];
}
