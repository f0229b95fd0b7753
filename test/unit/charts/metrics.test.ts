import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { downsample } from "../../../src/charts/downsample.js";
import { createMetrics } from "../../../src/charts/metrics.js";

describe("the metrics of a run", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "metrics-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const line = (data: object): string => `${JSON.stringify({ ts: 5, type: "metrics", data })}\n`;

  it("grow with the file, half lines and foreign lines left alone", async () => {
    const file = join(folder, "events.jsonl");
    const metrics = createMetrics(file);
    expect(await metrics.update()).toBe(false);
    await writeFile(
      file,
      `${line({ loss: 1, global_step: 10, time: 7, stage: "train" })}no JSON\n{"type":"other"}\n`,
    );
    expect(await metrics.update()).toBe(true);
    const second = line({ loss: 0.5, acc: 1, global_step: 20, time: 8 });
    await appendFile(file, second.slice(0, 30));
    await metrics.update();
    expect(metrics.series.get("loss")?.length).toBe(1);
    await appendFile(file, `${second.slice(30)}${line({ loss: "x", acc: null, step: 3 })}`);
    await metrics.update();
    expect([...metrics.series.keys()]).toEqual(["loss", "acc"]);
    const { steps, times, values } = metrics.series.get("loss") ?? {};
    expect([[...(steps ?? [])], [...(times ?? [])], [...(values ?? [])]]).toEqual([
      [10, 20],
      [7, 8],
      [1, 0.5],
    ]);
    expect([...(metrics.series.get("acc")?.values ?? [])]).toEqual([1, Number.NaN]);
    expect(await metrics.update()).toBe(false);
  });

  it.each([
    ["followed by its end", "\n"],
    ["followed by nothing", ""],
    ["followed by another", line({ loss: 3, step: 3 })],
  ])("have the last value as soon as it is whole, %s", async (name, more) => {
    const file = join(folder, `${name}.jsonl`);
    await writeFile(file, line({ loss: 1, step: 1 }) + line({ loss: 2, step: 2 }).trimEnd());
    const metrics = createMetrics(file);
    await metrics.update();
    await metrics.update();
    expect([...(metrics.series.get("loss")?.values ?? [])]).toEqual([1, 2]);
    await appendFile(file, more);
    await metrics.update();
    expect([...(metrics.series.get("loss")?.values ?? [])]).toEqual(more.length > 1 ? [1, 2, 3] : [1, 2]);
    expect(metrics.skipped).toMatchObject({ lines: 0, isCutOff: false });
  });

  it("report a truncated last line", async () => {
    const file = join(folder, "cut.jsonl");
    const last = line({ loss: 2, step: 2 });
    await writeFile(file, line({ loss: 1, step: 1 }) + last.slice(0, -2));
    const metrics = createMetrics(file);
    await metrics.update();
    expect([...(metrics.series.get("loss")?.values ?? [])]).toEqual([1]);
    expect(metrics.skipped).toMatchObject({ lines: 0, isCutOff: true });
    await appendFile(file, last.slice(-2));
    await metrics.update();
    expect([...(metrics.series.get("loss")?.values ?? [])]).toEqual([1, 2]);
    expect(metrics.skipped).toMatchObject({ lines: 0, isCutOff: false });
  });

  it("are no more than ten thousand, and lines that are too long or too deep are passed over", async () => {
    const file = join(folder, "hostile.jsonl");
    const names = Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`m${index}`, index]));
    const deep = `{"type":"metrics","data":{"deep":1,"x":${"[".repeat(5_000)}${"]".repeat(5_000)}}}\n`;
    const long = line({ long: 1, x: "x".repeat(2 << 20) });
    await writeFile(file, deep + long + line(names) + line({ m1: 2 }));
    const metrics = createMetrics(file);
    await metrics.update();
    expect(metrics.series.size).toBe(10_000);
    expect(metrics.series.get("m1")?.length).toBe(2);
    expect([metrics.series.has("deep"), metrics.series.has("long")]).toEqual([false, false]);
  });

  it.each([
    ["shorter", 1],
    ["at the same length", 2],
    ["longer", 300],
  ])("begin anew when the file was rewritten %s", async (_name, lines) => {
    const file = join(folder, "rewritten.jsonl");
    const metrics = createMetrics(file);
    await writeFile(file, line({ a: 1 }) + line({ a: 2 }));
    await metrics.update();
    await writeFile(file, line({ b: 1 }).repeat(lines));
    expect(await metrics.update()).toBe(true);
    expect([...metrics.series].map(([name, { length }]) => [name, length])).toEqual([["b", lines]]);
  });

  it.each([
    ["UTF-8 with a byte order mark", (text: string) => Buffer.from(`\ufeff${text}`)],
    ["UTF-16, little end first", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16, big end first", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ])("are read from %s, as it grows", async (_name, encode) => {
    const file = join(folder, "marked.jsonl");
    const metrics = createMetrics(file);
    const text = line({ löss: 1 }) + line({ löss: 2 });
    const bytes = encode(text);
    const half = bytes.length - 41;
    await writeFile(file, bytes.subarray(0, half));
    await metrics.update();
    await appendFile(file, bytes.subarray(half));
    await metrics.update();
    expect([...(metrics.series.get("löss")?.values ?? [])]).toEqual([1, 2]);
  });
});

describe("a downsampled line", () => {
  const series = fc.array(fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constant(Number.NaN)), {
    minLength: 1,
    maxLength: 2_000,
  });

  it("keeps its ends, its peaks and its gaps, in order, in no more points than asked for", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 50 }), (values, buckets) => {
        const ys = Float64Array.from(values);
        const xs = Float64Array.from(ys.keys());
        const thin = downsample(xs, ys, buckets);
        expect(thin.xs.length).toBeLessThanOrEqual(Math.max(buckets * 5, 4));
        expect(thin.xs.every((x, index) => index === 0 || x > (thin.xs[index - 1] ?? 0))).toBe(true);
        expect([thin.xs[0], thin.xs.at(-1)]).toEqual([0, xs.length - 1]);
        const finite = values.filter(Number.isFinite);
        const kept = thin.ys.filter((y) => y !== null);
        if (finite.length > 0) {
          expect(Math.max(...kept)).toBe(Math.max(...finite));
          expect(Math.min(...kept)).toBe(Math.min(...finite));
        }
        expect(thin.ys.includes(null)).toBe(finite.length < values.length);
      }),
    );
  });

  it("shows every point of a small range", () => {
    const xs = Float64Array.from({ length: 100_000 }, (_, index) => index);
    const { xs: kept } = downsample(xs, xs, 100, 500, 510);
    expect(kept).toEqual([499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511]);
  });
});
