import type { FromChartPage, KeptRun } from "../../src/vscode/charts/chartMessages.js";
import type { ToChartPage } from "../../src/vscode/charts/toChartPage.js";
import "uplot/dist/uPlot.min.css";
import "./charts.css";
import { ChartsPage } from "./chartsPage.js";
import type { ChartState } from "./chartState.js";

/** The interface of charts to their page. */
export interface ChartsPort {
  send(message: FromChartPage): void;
  /** Saved state, not validated; undefined at first. */
  readonly kept: unknown;
  keep(state: ChartState): void;
  /** Called with the runs under the pointer in a chart or the legend; undefined: none. */
  onHighlight?(runs: readonly KeptRun[] | undefined): void;
}

/** Options for charts that are part of a larger page. */
export interface ChartsOptions {
  /** Without title, and with small margins. */
  readonly compact?: boolean;
}

/** Charts on a page. */
export interface ChartsView {
  hear(message: ToChartPage): void;
  /** Highlights the lines of these runs; undefined: none. Does not call `onHighlight`. */
  highlight(runs: readonly KeptRun[] | undefined): void;
}

/** Mounts charts in an element that they own. */
export function mountCharts(element: HTMLElement, port: ChartsPort, options: ChartsOptions = {}): ChartsView {
  const page = new ChartsPage(element, port, options);
  return {
    hear: (message) => page.hear(message),
    highlight: (runs) => page.highlight(runs),
  };
}
