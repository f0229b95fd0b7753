import type { FromChartPage, KeptRun } from "../../src/vscode/charts/chartMessages.js";
import type { ToChartPage } from "../../src/vscode/charts/toChartPage.js";
import "uplot/dist/uPlot.min.css";
import "./charts.css";
import { ChartsPage } from "./chartsPage.js";
import type { ChartState } from "./chartState.js";

/** What charts need of the page that they are on. */
export interface ChartsPort {
  send(message: FromChartPage): void;
  /** What was kept of them, of whatever shape; undefined at first. */
  readonly kept: unknown;
  keep(state: ChartState): void;
  /** Runs whose line or name is pointed at in the charts; undefined: none is any more. */
  onHighlight?(runs: readonly KeptRun[] | undefined): void;
}

/** How charts are shown on a page that has more than them. */
export interface ChartsOptions {
  /** Without the page's title, and with little room around. */
  readonly compact?: boolean;
}

/** Charts on a page. */
export interface ChartsView {
  hear(message: ToChartPage): void;
  /** Shows the lines of these runs before all others; undefined: of none. It is not told back. */
  highlight(runs: readonly KeptRun[] | undefined): void;
}

/** Shows charts in an element, all of which is theirs. */
export function mountCharts(element: HTMLElement, port: ChartsPort, options: ChartsOptions = {}): ChartsView {
  const page = new ChartsPage(element, port, options);
  return {
    hear: (message) => page.hear(message),
    highlight: (runs) => page.highlight(runs),
  };
}
