import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChartView } from "../../../src/charts/chart.js";
import { type ChartedRun, createRunCharts } from "../../../src/charts/runCharts.js";
import type { LocalFile } from "../../../src/sync/cache/localFile.js";

const localFile = (path: string): LocalFile => ({ path, place: path, fresh: true });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "charts-"));
});
afterAll(() => rm(folder, { recursive: true }));

const view = (x: ChartView["x"], more: Partial<ChartView> = {}): ChartView => ({
  ...{ x, xMetric: "", width: 1_000, smoothing: 0, range: undefined, replaced: false },
  ...{ groups: [], band: "range", prominent: new Set([0]) },
  ...more,
});

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
  const fetch = (): Promise<LocalFile> => Promise.resolve(localFile(path));
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

describe("a moved run", () => {
  it("is read from its new folder", async () => {
    const event = (loss: number): string =>
      `{"type": "metrics", "data": {"loss": ${loss}, "global_step": 1}}\n`;
    const files = { before: join(folder, "before.jsonl"), after: join(folder, "after.jsonl") };
    await writeFile(files.before, event(1) + event(2));
    await writeFile(files.after, event(3));
    let now: keyof typeof files = "before";
    const syncs = {
      folderOfRun: () => Promise.resolve(now),
      fetch: (_: string, path: string) =>
        Promise.resolve(localFile(path.startsWith("before/") ? files.before : files.after)),
    };
    const charts = createRunCharts(syncs, [{ syncId: "sync", id: "1", folder: "before" }]);
    await charts.update();
    now = "after";
    await charts.update();
    expect(charts.chart("loss", view("step")).lines).toMatchObject([{ ys: [3] }]);
  });
});

/** Charts of runs with these lines in their files. */
async function chartsOf(files: readonly (readonly string[])[], bytes?: number) {
  const runs = files.map((_, run) => ({ syncId: "sync", id: String(run), folder: String(run) }));
  await Promise.all(
    files.map((lines, run) =>
      writeFile(join(folder, `${run}.jsonl`), lines.map((line) => `${line}\n`).join("")),
    ),
  );
  const syncs = {
    folderOfRun: (run: { readonly folder: string }) => Promise.resolve(run.folder),
    fetch: (_: string, path: string) => {
      if (path.startsWith("gone")) return Promise.reject(new Error("gone"));
      return Promise.resolve(localFile(join(folder, `${path.split("/")[0] ?? ""}.jsonl`)));
    },
  };
  const charts = createRunCharts(syncs, runs, bytes);
  await charts.update();
  return charts;
}
const event = (step: number, data: string, time = step): string =>
  `{"type": "metrics", "data": {${data}, "global_step": ${step}, "time": ${time}}}`;

describe("the axis of a line", () => {
  const rows = [
    event(10, '"loss": 1, "lr": 4', 1_000),
    event(12, '"loss": 2', 1_006),
    event(15, '"loss": 3, "lr": 2', 1_020),
  ];

  it.each([
    ["step", [10, 12, 15]],
    ["relative-step", [0, 2, 5]],
    ["time", [0, 6, 20]],
    ["wall-time", [1_000, 1_006, 1_020]],
  ] as const)("is the %s", async (x, xs) => {
    const charts = await chartsOf([rows]);
    expect(charts.chart("loss", view(x)).lines).toMatchObject([{ xs, ys: [1, 2, 3] }]);
  });

  it("can be another metric, sorted", async () => {
    const charts = await chartsOf([rows]);
    expect(charts.chart("loss", view("metric", { xMetric: "lr" })).lines).toMatchObject([
      { xs: [2, 4], ys: [3, 1] },
    ]);
    expect(charts.chart("loss", view("metric", { xMetric: "other" })).lines).toMatchObject([
      { xs: [], ys: [] },
    ]);
  });
});

describe("NaN and infinite values", () => {
  it("are marked where they were logged and leave a gap", async () => {
    const charts = await chartsOf([
      [
        event(1, '"loss": 1'),
        event(2, '"loss": NaN'),
        event(3, '"loss": -Infinity'),
        event(4, '"loss": 1e400'),
      ],
    ]);
    expect(charts.chart("loss", view("step", { smoothing: 0.5 })).lines).toMatchObject([
      {
        ys: [1, null, null, null],
        notFinite: 3,
        latest: null,
        marks: [
          { x: 2, step: 2, kind: "NaN" },
          { x: 3, step: 3, kind: "-Infinity" },
          { x: 4, step: 4, kind: "Infinity" },
        ],
      },
    ]);
  });

  it("are only counted when there are many, with the first and the last marked", async () => {
    const charts = await chartsOf([Array.from({ length: 500 }, (_, step) => event(step, '"loss": NaN'))]);
    const [line] = charts.chart("loss", view("step")).lines;
    expect(line).toMatchObject({ notFinite: 500 });
    expect([line?.marks.length, line?.marks[0]?.step, line?.marks.at(-1)?.step]).toEqual([40, 0, 499]);
  });
});

describe("values that a resumed run replaced", () => {
  it("are drawn on request, each stretch separately", async () => {
    const steps = [1, 2, 3, 4, 3, 4, 5, 4, 5, 6];
    const charts = await chartsOf([steps.map((step, at) => event(step, `"loss": ${at}`))]);
    const [line] = charts.chart("loss", view("step", { replaced: true })).lines;
    expect(line).toMatchObject({ xs: [1, 2, 3, 4, 5, 6], ys: [0, 1, 4, 7, 8, 9], replacedCount: 4 });
    expect(line?.replaced).toEqual([
      { xs: [3, 4], ys: [2, 3] },
      { xs: [4, 5], ys: [5, 6] },
    ]);
    expect(charts.chart("loss", view("step")).lines[0]?.replaced).toBeUndefined();
  });
});

describe("many runs", () => {
  it("are drawn as the mean of their groups, with what is around it", async () => {
    const charts = await chartsOf([1, 3, 10].map((loss) => [event(1, `"loss": ${loss}`)]));
    const groups = [
      { label: "a", runs: [0, 1] },
      { label: "b", runs: [2] },
    ];
    expect(charts.chart("loss", view("step", { groups })).lines).toMatchObject([
      { run: 0, xs: [1], ys: [2], band: { low: [1], high: [3] }, count: 2 },
      { run: 1, xs: [1], ys: [10] },
    ]);
  });

  it("are all drawn, those that do not stand out with fewer points, their peaks kept", async () => {
    const lines = Array.from({ length: 3_000 }, (_, step) =>
      event(step, `"loss": ${step === 1_234 ? 99 : step % 7}`),
    );
    const charts = await chartsOf(Array.from({ length: 100 }, () => lines));
    const chart = charts.chart("loss", view("step"));
    expect(chart.lines).toHaveLength(100);
    expect(chart.lines[0]!.xs.length).toBe(3_000);
    for (const { xs, ys } of chart.lines.slice(1)) {
      expect(xs.length).toBeLessThan(500);
      expect(ys[xs.indexOf(1_234)]).toBe(99);
    }
  });

  it("take no more memory than they may, and how much is left out is said", async () => {
    const lines = Array.from({ length: 1_000 }, (_, step) => event(step, '"loss": 1'));
    const charts = await chartsOf([lines, lines], 30_000);
    const shown = charts.chart("loss", view("step")).lines.reduce((sum, { count }) => sum + count, 0);
    expect(shown).toBeGreaterThan(500);
    expect(shown * 24).toBeLessThanOrEqual(30_000);
    expect(charts.skipped(() => true).values).toBe(2_000 - shown);
  });

  it("are shown without those that cannot be read, which are named with the reason", async () => {
    await writeFile(join(folder, "good.jsonl"), `${event(1, '"loss": 1')}\n`);
    const reason = new Error("no permission");
    const syncs = {
      folderOfRun: (run: { readonly folder: string }) => Promise.resolve(run.folder),
      fetch: (_: string, path: string) =>
        path.startsWith("bad")
          ? Promise.reject(reason)
          : Promise.resolve(localFile(join(folder, "good.jsonl"))),
    };
    const runs = ["good", "bad"].map((name) => ({ syncId: "sync", id: name, folder: name }));
    const charts = createRunCharts(syncs, runs);
    const seen: number[] = [];
    const update = await charts.update({ onProgress: (done) => seen.push(done) });
    expect(update).toEqual({ changed: true, fresh: true, failures: [{ run: 1, reason }] });
    expect(seen).toEqual([1, 2]);
    expect(charts.names()).toEqual([{ metric: "loss", runs: 1 }]);
    expect(await charts.update({ which: () => false })).toEqual({
      changed: false,
      fresh: true,
      failures: [],
    });
  });
});

describe("broken files", () => {
  it("show the rest, and how many lines were left out", async () => {
    const name = "n".repeat(1_001);
    const charts = await chartsOf([
      [
        "{",
        event(1, '"loss": 1'),
        `"${"x".repeat(2 << 20)}"`,
        event(2, `"${name}": 1`),
        "null",
        event(0, '"loss": null'),
      ],
    ]);
    expect(charts.names()).toEqual([{ metric: "loss", runs: 1 }]);
    expect(charts.skipped(() => true)).toEqual({ lines: 3, values: 0, hasMoreMetrics: true });
  });

  it("count a truncated last line once the run has ended", async () => {
    const half = join(folder, "half.jsonl");
    await writeFile(half, `${event(1, '"loss": 1')}\n${event(2, '"loss": 2').slice(0, -3)}`);
    const syncs = {
      folderOfRun: () => Promise.resolve("half"),
      fetch: () => Promise.resolve(localFile(half)),
    };
    const charts = createRunCharts(syncs, [{ syncId: "sync", id: "half", folder: "half" }]);
    await charts.update();
    expect([charts.skipped(() => false).lines, charts.skipped(() => true).lines]).toEqual([0, 1]);
  });
});

describe("the latest value of a group", () => {
  it("is the mean at its end, however far one zooms in and whatever is smoothed", async () => {
    const paths = await Promise.all(
      [1, 3].map(async (factor) => {
        const path = join(folder, `group-${factor}.jsonl`);
        const lines = [0, 1, 2, 3, 4].map((step) =>
          JSON.stringify({ type: "metrics", data: { loss: factor * step, global_step: step } }),
        );
        await writeFile(path, `${lines.join("\n")}\n`);
        return path;
      }),
    );
    const runs = paths.map((path, id) => ({ syncId: "sync", id: `${id}`, folder: path }));
    const charts = createRunCharts(
      {
        fetch: (_, path) => Promise.resolve(localFile(path.replace("/events.jsonl", ""))),
        folderOfRun: (run) => Promise.resolve((run as ChartedRun).folder),
      },
      runs,
    );
    await charts.update();
    const groups = [{ label: "all", runs: [0, 1] }];
    const latest = (more: Partial<ChartView>): unknown =>
      charts.chart("loss", view("step", { groups, ...more })).lines[0]?.latest;
    expect(latest({})).toBe(8);
    expect(latest({ range: [0, 2] })).toBe(8);
    expect(latest({ range: [7, 9] })).toBe(8);
    expect(latest({ smoothing: 0.9 })).toBe(8);
  });
});
