import { setImmediate as nextTurn } from "node:timers/promises";
import type { Chart, ChartView, RunGroup } from "../../charts/chart.js";
import { packCharts, packNames } from "../../charts/chartParts.js";
import type { RunCharts } from "../../charts/runCharts.js";
import type { ToChartPage } from "./toChartPage.js";

/** Sends a page only what it shows. */
export interface ChartSender {
  /** After a change of view or values: sends names if they changed, and all charts in view. */
  sendAll(view: ChartView): void;
  /** Sets which charts are in view, and sends those that were not before. */
  see(metrics: readonly string[]): void;
  dispose(): void;
}

/** Maximum number of charts in one message. */
const chartsAtOnce = 8;

export function createChartSender(
  post: (message: ToChartPage) => void,
  charts: Pick<RunCharts, "names" | "chart">,
): ChartSender {
  let view: ChartView | undefined;
  let seen: readonly string[] = [];
  let groups: readonly RunGroup[] | undefined;
  let names = "";
  /** Charts yet to be sent, in this order. */
  const due = new Set<string>();
  let isSending = false;
  let isOver = false;

  const sendNames = (): void => {
    const now = charts.names();
    const text = JSON.stringify(now);
    if (text === names) return;
    names = text;
    const batches = [...packNames(now)];
    batches.forEach((batch, index) =>
      post({ kind: "names", names: batch, isFirst: index === 0, isLast: index === batches.length - 1 }),
    );
  };

  /** A chart of many runs takes a while: yields to other events in between. */
  const sendDue = async (): Promise<void> => {
    if (isSending) return;
    isSending = true;
    while (due.size > 0 && view && !isOver) {
      const some = [...due].slice(0, chartsAtOnce);
      const made: Chart[] = [];
      for (const metric of some) {
        due.delete(metric);
        made.push(charts.chart(metric, view));
        await nextTurn();
      }
      if (isOver) break;
      for (const parts of packCharts(made)) post({ kind: "charts", charts: parts });
    }
    isSending = false;
  };

  return {
    sendAll: (wanted) => {
      view = wanted;
      sendNames();
      if (wanted.groups !== groups) post({ kind: "groups", groups: wanted.groups });
      groups = wanted.groups;
      due.clear();
      for (const metric of seen) due.add(metric);
      void sendDue();
    },
    see: (metrics) => {
      const before = new Set(seen);
      const now = new Set(metrics);
      seen = metrics;
      for (const metric of [...due]) if (!now.has(metric)) due.delete(metric);
      for (const metric of metrics) if (!before.has(metric)) due.add(metric);
      void sendDue();
    },
    dispose: () => {
      isOver = true;
    },
  };
}
