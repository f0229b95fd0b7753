import type { Run } from "../../sync/runIndex/runs.js";
import type { Page } from "../page/pages.js";
import type { FromChartPage, KeptRun } from "./chartMessages.js";
import type { ChartGrouping } from "./groupRuns.js";
import type { ToChartPage } from "./toChartPage.js";

/** The runs that charts show. */
export interface ChartSubject {
  readonly runs: readonly Run[];
  /** The requested runs; some may no longer be on this machine. */
  readonly kept: readonly KeptRun[];
  /** How the runs can be grouped, in addition to properties of every run; may come later. */
  readonly groupings?: readonly ChartGrouping[] | Promise<readonly ChartGrouping[]>;
}

/** A page with charts, or a part of one. */
export type ChartPort = Pick<
  Page<FromChartPage, ToChartPage>,
  "post" | "onMessage" | "isVisible" | "onDidChangeVisibility"
>;
