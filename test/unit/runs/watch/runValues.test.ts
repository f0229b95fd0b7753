import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRunValues } from "../../../../src/runs/watch/runValues.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-values-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const line = (step: number, data: string, ts = 1_000 + step): string =>
  `{"ts": ${ts}, "type": "metrics", "data": {"global_step": ${step}, ${data}}}\n`;

it("finds the first NaN or infinite value, even one that came later", async () => {
  const file = join(folder, "nan.jsonl");
  await writeFile(
    file,
    Array.from({ length: 811 }, (_, index) => line(index + 1, '"val_loss": 0.5')).join(""),
  );
  const values = createRunValues(file, []);
  await values.update();
  expect(values.facts).toMatchObject({ firstNotFinite: undefined, lastAt: 1_811, usualInterval: 1 });
  await appendFile(file, line(812, '"acc": 1, "val_loss": NaN') + line(813, '"val_loss": -Infinity'));
  await values.update();
  expect(values.facts.firstNotFinite).toEqual({ metric: "val_loss", step: 812, value: "NaN" });
});

it("hears of a last value whose line has no end", async () => {
  const file = join(folder, "killed.jsonl");
  await writeFile(file, line(1, '"loss": 1') + line(2, '"loss": NaN').trimEnd());
  const values = createRunValues(file, []);
  await values.update();
  await appendFile(file, "\n");
  await values.update();
  expect(values.facts).toMatchObject({
    firstNotFinite: { metric: "loss", step: 2, value: "NaN" },
    lastAt: 1_002,
  });
});

it.each([
  ["-Infinity", "-Infinity"],
  ["Infinity", "Infinity"],
  ["1e400", "Infinity"],
  ["-1e400", "-Infinity"],
  ["null", "NaN"],
])("distinguishes %s", async (written, value) => {
  const file = join(folder, `${written}.jsonl`);
  await writeFile(file, line(7, `"loss": ${written}`));
  const values = createRunValues(file, []);
  await values.update();
  expect(values.facts.firstNotFinite).toEqual({ metric: "loss", step: 7, value });
});

it("tells when a threshold was first reached, and forgets that where the file was rewritten", async () => {
  const file = join(folder, "threshold.jsonl");
  await writeFile(file, line(1, '"acc": 0.8') + line(2, '"acc": 0.91') + line(3, '"acc": 0.99'));
  const values = createRunValues(file, ["acc > 0.9", "loss < 1", "no threshold"]);
  await values.update();
  expect([...values.facts.reached]).toEqual([["acc > 0.9", { step: 2, value: 0.91 }]]);
  await writeFile(file, line(1, '"acc": 0.5'));
  await values.update();
  expect([...values.facts.reached]).toEqual([]);
});

it("knows the usual interval in spite of pauses, clocks that go back and lines that are none", async () => {
  const file = join(folder, "usual.jsonl");
  const times = [10, 20, 30, 40, 35, 50, 60, 70, 80, 90, 100, 110, 500];
  await writeFile(
    file,
    times.map((ts, index) => line(index, '"loss": 1', ts)).join("") + "not json\n{}\n[1]\nnull\n",
  );
  const values = createRunValues(file, []);
  await values.update();
  expect(values.facts).toMatchObject({ lastAt: 500, usualInterval: 10 });
});

it("is empty without a file", async () => {
  const values = createRunValues(join(folder, "missing"), ["a > 1"]);
  await values.update();
  expect(values.facts).toEqual({
    firstNotFinite: undefined,
    reached: new Map(),
    lastAt: undefined,
    usualInterval: undefined,
  });
});
