import { chartCommandIds } from "../kit/commandIds.js";
import type { Handler, Handlers } from "../kit/registerLate.js";
import type { ChartPanels } from "./chartPanels.js";
import type { ChartAction } from "./toChartPage.js";

/** Handlers of the commands for the charts of the active tab. */
export function chartCommandHandlers(charts: () => Promise<ChartPanels>): Handlers<typeof chartCommandIds> {
  const acting =
    (action: ChartAction): Handler =>
    async () =>
      (await charts()).act(action);
  return {
    [chartCommandIds.savePng]: acting("save-png"),
    [chartCommandIds.copyPng]: acting("copy-png"),
    [chartCommandIds.saveCsv]: acting("save-csv"),
    [chartCommandIds.copyCsv]: acting("copy-csv"),
    [chartCommandIds.resetZoom]: acting("reset-zoom"),
  };
}
