import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChartView } from "../../../src/charts/chart.js";
import { createRunCharts } from "../../../src/charts/runCharts.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "charts-"));
});
afterAll(() => rm(folder, { recursive: true }));

const view = (x: ChartView["x"]): ChartView => ({ x, width: 1_000, smoothing: 0, ranges: new Map() });

/** The drawn points of the metric `loss`, for rows of step, time and value. */
async function drawn(
  x: ChartView["x"],
  rows: readonly (readonly [number | undefined, number | undefined, number])[],
): Promise<(number | null)[][]> {
  const path = join(folder, "events.jsonl");
  const lines = rows.map(([step, time, loss]) => {
    return JSON.stringify({ type: "metrics", data: { loss, global_step: step, time } });
  });
  await writeFile(path, `${lines.join("\n")}\n`);
  const fetch = (): Promise<{ path: string; fresh: boolean }> => Promise.resolve({ path, fresh: true });
  const folderOfRun = (): Promise<string> => Promise.resolve("runs/a/1");
  const charts = createRunCharts({ fetch, folderOfRun }, [{ syncId: "sync", id: "1", folder: "runs/a/1" }]);
  await charts.update();
  const [line] = charts.chart("loss", view(x)).lines;
  return (line?.xs ?? []).map((at, index) => [at, line?.ys[index] ?? null]);
}

describe("the line of a run that was resumed", () => {
  const rows = [
    [0, 100, 10],
    [1, 101, 11],
    [2, 102, 12],
    [3, 103, 13],
    [2, 200, 22],
    [3, 201, 23],
    [4, 202, 24],
  ] as const;

  it("has the later value for each step", async () => {
    expect(await drawn("step", rows)).toEqual([
      [0, 10],
      [1, 11],
      [2, 22],
      [3, 23],
      [4, 24],
    ]);
  });

  it("has the same values over time", async () => {
    expect(await drawn("time", rows)).toEqual([
      [0, 10],
      [1, 11],
      [100, 22],
      [101, 23],
      [102, 24],
    ]);
  });

  it("ends where it was resumed, until it gets further again", async () => {
    expect(
      await drawn("step", [
        [0, 0, 1],
        [5, 1, 2],
        [9, 2, 3],
        [5, 3, 4],
      ]),
    ).toEqual([
      [0, 1],
      [5, 4],
    ]);
  });
});

describe("values without a time", () => {
  it("stand at the time of the value before, and are left out where there is none", async () => {
    expect(
      await drawn("time", [
        [0, undefined, 1],
        [1, 1_000, 2],
        [2, undefined, 3],
        [3, 1_005, 4],
      ]),
    ).toEqual([
      [0, 2],
      [0, 3],
      [5, 4],
    ]);
  });
});

describe("a run that is moved", () => {
  it("is read where it is then", async () => {
    const event = (loss: number): string =>
      `{"type": "metrics", "data": {"loss": ${loss}, "global_step": 1}}\n`;
    const files = { before: join(folder, "before.jsonl"), after: join(folder, "after.jsonl") };
    await writeFile(files.before, event(1) + event(2));
    await writeFile(files.after, event(3));
    let now: keyof typeof files = "before";
    const syncs = {
      folderOfRun: () => Promise.resolve(now),
      fetch: (_: string, path: string) =>
        Promise.resolve({ path: path.startsWith("before/") ? files.before : files.after, fresh: true }),
    };
    const charts = createRunCharts(syncs, [{ syncId: "sync", id: "1", folder: "before" }]);
    await charts.update();
    now = "after";
    await charts.update();
    expect(charts.chart("loss", view("step")).lines).toMatchObject([{ ys: [3] }]);
  });
});
