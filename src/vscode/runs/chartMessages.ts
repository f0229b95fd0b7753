import * as z from "zod";

/** A run as the page names it. */
export interface ChartRunLabel {
  readonly label: string;
  readonly detail: string;
}

/** Every text of the page: it has none of its own. `{0}` and so on are filled in by the page. */
export type ChartTexts = Readonly<
  Record<
    | "title"
    | "step"
    | "time"
    | "xAxis"
    | "smoothing"
    | "logScale"
    | "filter"
    | "resetZoom"
    | "noMetrics"
    | "loading"
    | "runs"
    | "value"
    | "latest"
    | "points"
    | "chartHelp"
    | "chartLabel"
    | "noValue"
    | "noMatch"
    | "noNumbers"
    | "notPositive"
    | "tooLarge",
    string
  >
>;

const view = z.object({
  x: z.enum(["step", "time"]),
  width: z.number().min(0).max(10_000),
  smoothing: z.number().min(0).max(0.999),
});

const range = z.tuple([z.number(), z.number()]);

const fromPage = z.discriminatedUnion("kind", [
  /** `ranges`: the parts of charts that were looked at when the window was closed, by metric. */
  z.object({ kind: z.literal("ready"), view, ranges: z.array(z.tuple([z.string(), range])).max(10_000) }),
  z.object({ kind: z.literal("view"), view }),
  z.object({
    kind: z.literal("zoom"),
    metric: z.string(),
    /** Missing: the whole axis. */
    range: range.optional(),
  }),
]);

/** From the page to the extension. */
export type FromChartPage = z.infer<typeof fromPage>;

/** Messages from a webview are input like any other. */
export function readFromChartPage(message: unknown): FromChartPage | undefined {
  return fromPage.safeParse(message).data;
}

const keptState = z.object({
  runs: z
    .array(z.object({ syncId: z.string(), id: z.string() }))
    .min(1)
    .max(100),
});

/** A run whose charts a panel shows, as VS Code keeps it while the window is away. */
export interface KeptRun {
  readonly syncId: string;
  readonly id: string;
}

/** The runs of a panel that VS Code restores; none where what it kept is none of ours. */
export function readKeptRuns(state: unknown): readonly KeptRun[] {
  return keptState.safeParse(state).data?.runs ?? [];
}
