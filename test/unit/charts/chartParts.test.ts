import { describe, expect, it } from "vitest";
import type { Chart, ChartLine } from "../../../src/charts/chart.js";
import { packCharts, packNames } from "../../../src/charts/chartParts.js";

const line = (run: number, points: number): ChartLine => ({
  ...{ run, count: points, latest: 1, marks: [], notFinite: 0, replacedCount: 0 },
  xs: Array.from({ length: points }, (_, x) => x),
  ys: Array.from({ length: points }, () => 0.12345678),
});

describe("messages with charts", () => {
  it("are each below a size, and together hold every line once, in order", () => {
    const charts: Chart[] = [
      { metric: "small", lines: [line(0, 3)] },
      { metric: "none", lines: [] },
      { metric: "large", lines: Array.from({ length: 50 }, (_, run) => line(run, 200)) },
      { metric: "small too", lines: [line(0, 3), line(1, 3)] },
    ];
    const messages = [...packCharts(charts, 20_000)];
    expect(messages.length).toBeGreaterThan(5);
    for (const message of messages) expect(JSON.stringify(message).length).toBeLessThan(21_000);
    const got = new Map<string, ChartLine[]>();
    const whole: string[] = [];
    for (const { metric, lines, isFirst, isLast } of messages.flat()) {
      if (isFirst) got.set(metric, []);
      got.get(metric)!.push(...lines);
      if (isLast) whole.push(metric);
    }
    expect(whole).toEqual(charts.map(({ metric }) => metric));
    expect([...got].map(([metric, lines]) => ({ metric, lines }))).toEqual(charts);
  });

  it("are not split if everything fits", () => {
    expect([...packCharts([{ metric: "a", lines: [line(0, 3)] }])]).toHaveLength(1);
    expect([...packCharts([])]).toEqual([]);
  });
});

describe("messages with names", () => {
  it("are limited in bytes, and one is sent even without names", () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `${"名".repeat(300)}${index}`);
    const batches = [...packNames(names)];
    expect(batches.flat()).toEqual(names);
    for (const batch of batches) expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(1 << 20);
    expect([...packNames([])]).toEqual([[]]);
  });
});
