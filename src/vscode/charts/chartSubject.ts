import type { Run } from "../../sync/runIndex/runs.js";
import type { Page } from "../page/pages.js";
import type { FromChartPage, KeptRun } from "./chartMessages.js";
import type { ChartGrouping } from "./groupRuns.js";
import type { ToChartPage } from "./toChartPage.js";

/** The runs that charts are of. */
export interface ChartSubject {
  readonly runs: readonly Run[];
  /** Those that were asked for; some may be gone from this machine. */
  readonly kept: readonly KeptRun[];
  /** By what the runs can be put into groups, beside what every run has, as its status; it may come later. */
  readonly groupings?: readonly ChartGrouping[] | Promise<readonly ChartGrouping[]>;
}

/** A page, or the part of one, that shows charts. */
export type ChartPort = Pick<
  Page<FromChartPage, ToChartPage>,
  "post" | "onMessage" | "isVisible" | "onDidChangeVisibility"
>;
