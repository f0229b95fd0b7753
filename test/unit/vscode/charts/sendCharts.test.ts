import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChartView } from "../../../../src/charts/chart.js";
import { createRunCharts, type RunCharts } from "../../../../src/charts/runCharts.js";
import { createChartSender } from "../../../../src/vscode/charts/sendCharts.js";
import { readToChartPage, type ToChartPage } from "../../../../src/vscode/charts/toChartPage.js";
import { until } from "../../../support/until.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sent-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Charts of so many runs, each of so many metrics with so many values. */
async function chartsOf(
  runs: number,
  metrics: number,
  values: number,
  name: (metric: number) => string,
): Promise<RunCharts> {
  const all = Array.from({ length: runs }, (_, run) => ({
    syncId: "s",
    id: String(run),
    folder: `run${run}`,
  }));
  for (const { id } of all) {
    const lines = Array.from({ length: values }, (_, step) => {
      const data = Array.from({ length: metrics }, (_, metric): readonly [string, number] => [
        name(metric),
        Math.sin(step * metric + Number(id)) * Math.PI,
      ]);
      return JSON.stringify({
        type: "metrics",
        data: { ...Object.fromEntries(data), global_step: step, time: step },
      });
    });
    await writeFile(join(folder, `${runs}-${id}.jsonl`), `${lines.join("\n")}\n`);
  }
  const charts = createRunCharts(
    {
      fetch: (_, name) => {
        const path = join(folder, `${runs}-${String(/\d+/.exec(name)?.[0])}.jsonl`);
        return Promise.resolve({ path, place: path, fresh: true });
      },
      folderOfRun: ({ folder: there }) => Promise.resolve(there),
    },
    all,
  );
  await charts.update();
  return charts;
}

const view: ChartView = {
  ...{ x: "step", xMetric: "", width: 1_500, smoothing: 0.5, range: undefined, replaced: false },
  ...{ groups: [], band: "range", prominent: new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) },
};
const sizeOf = (message: ToChartPage): number => Buffer.byteLength(JSON.stringify(message));

describe("charts sent to the page", () => {
  it.each([
    {
      runs: 3,
      metrics: 5_000,
      values: 20,
      name: (metric: number) => `layer_${metric % 50}/weight_${metric}`,
    },
    { runs: 200, metrics: 50, values: 100, name: (metric: number) => `metric ${metric}` },
  ])(
    "of $runs runs with $metrics metrics each is in no message larger than 1 MiB",
    async ({ name, ...size }) => {
      const charts = await chartsOf(size.runs, size.metrics, size.values, name);
      const sent: ToChartPage[] = [];
      const sender = createChartSender((message) => sent.push(message), charts);
      sender.sendAll(view);
      expect(sent.flatMap((message) => (message.kind === "names" ? message.names : []))).toHaveLength(
        size.metrics,
      );
      expect(sent.some(({ kind }) => kind === "charts")).toBe(false);
      const seen = Array.from({ length: 12 }, (_, metric) => name(metric));
      sender.see(seen);
      const whole = (): string[] =>
        sent.flatMap((message) =>
          message.kind === "charts"
            ? message.charts.flatMap(({ metric, isLast }) => (isLast ? [metric] : []))
            : [],
        );
      await until("all are sent", () => whole().length === seen.length);
      expect(whole()).toEqual(seen);
      const largest = Math.max(...sent.map(sizeOf));
      console.log(
        `${size.runs} runs × ${size.metrics} metrics: the largest of ${sent.length} messages has ${largest} bytes.`,
      );
      expect(largest).toBeLessThan(1 << 20);
      for (const message of sent) expect(readToChartPage(message)).toBe(message);
      sender.dispose();
      charts.dispose();
    },
  );

  it("are sent once when they come into view, until values or view change", async () => {
    const charts = await chartsOf(1, 3, 5, (metric) => `m${metric}`);
    const sent: string[] = [];
    const sender = createChartSender((message) => {
      if (message.kind === "charts") sent.push(...message.charts.map(({ metric }) => metric));
    }, charts);
    sender.sendAll(view);
    sender.see(["m0"]);
    await until("one is sent", () => sent.length === 1);
    sender.see(["m0", "m1"]);
    await until("another is sent", () => sent.length === 2);
    sender.sendAll({ ...view, smoothing: 0 });
    await until("both are sent anew", () => sent.length === 4);
    expect(sent).toEqual(["m0", "m1", "m0", "m1"]);
    sender.dispose();
  });
});
