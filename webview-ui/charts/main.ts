import type { FromChartPage } from "../../src/vscode/charts/chartMessages.js";
import { readToChartPage } from "../../src/vscode/charts/toChartPage.js";
import { onMessage } from "../messages.js";
import { mountCharts } from "./chartsView.js";
import type { ChartState } from "./chartState.js";

declare function acquireVsCodeApi(): {
  postMessage(message: FromChartPage): void;
  getState(): unknown;
  setState(state: ChartState): void;
};

const vscode = acquireVsCodeApi();
const view = mountCharts(document.getElementById("page") ?? document.body, {
  send: (message) => vscode.postMessage(message),
  kept: vscode.getState(),
  keep: (state) => vscode.setState(state),
});
onMessage(readToChartPage, (message) => view.hear(message));
