import { describe, expect, it } from "vitest";
import { matchQuery } from "../../../../src/runs/query/matchQuery.js";
import { longestQuery, parseQuery, writePiece } from "../../../../src/runs/query/parseQuery.js";
import { readDuration, readNumber, readSize, readTime } from "../../../../src/runs/query/literals.js";
import { runWith, tableOf } from "../../../support/runs/runTable.js";

const now = Date.UTC(2026, 10, 30, 12) / 1000;
const day = 86_400;

const runs = [
  runWith({ id: "20261130_120000_aaaaaa", alias: "Baseline", tags: ["good", "paper"], status: "running" }),
  runWith({ id: "20261129_120000_bbbbbb", path: "nlp/bert", name: "bert", tags: ["bad"] }),
  runWith({ id: "20261128_120000_cccccc", tags: [] }),
];
const table = tableOf(runs, [
  { group: "run", name: "status", kind: "text", values: ["running", "finished", "failed"] },
  { group: "run", name: "name", kind: "text", values: runs.map(({ name }) => name) },
  { group: "run", name: "alias", kind: "text", values: runs.map(({ alias }) => alias) },
  { group: "run", name: "host", kind: "text", values: ["a100", "gpu 2", "a100"] },
  { group: "run", name: "started", kind: "time", values: [now - 3_600, now - 2 * day, now - 10 * day] },
  { group: "run", name: "duration", kind: "duration", values: [3_600, 7_300, undefined] },
  { group: "run", name: "size", kind: "bytes", values: [10, 2 * 1024 ** 3, 5_000] },
  { name: "lr", values: [1e-3, 0.01, undefined] },
  { name: "optimizer.momentum", values: [0.9, 0.8, 0.9] },
  { name: "model", kind: "text", values: ["ResNet50", "bert", 50] },
  { name: "amp", kind: "text", values: [true, false, undefined] },
  { name: "train/batch", values: [32, 64, 128] },
  { group: "summary", name: "note", kind: "text", values: ["a:b", 'say "hi"', ""] },
  { group: "metric", name: "val_loss", figure: "last", values: [0.3, Number.NaN, 0.1] },
  { group: "metric", name: "val_loss", figure: "best", better: "min", values: [0.15, 0.25, 0.1] },
  { group: "metric", name: "val_loss", figure: "max", values: [2, Infinity, 3] },
  { group: "metric", name: "lr", figure: "last", values: [5, 6, 7] },
  { group: "environment", name: "python.version", kind: "text", values: ["3.11", "3.12", "3.12"] },
]);

const chosen = (line: string): number[] => {
  const { matches } = matchQuery(parseQuery(line), table, now);
  return [0, 1, 2].filter((row) => matches(row));
};
const problems = (line: string): string[] =>
  matchQuery(parseQuery(line), table, now).problems.map(
    ({ code, from, to }) => `${code} ${JSON.stringify(line.slice(from, to))}`,
  );

describe("a filter", () => {
  it.each<[string, number[]]>([
    ["", [0, 1, 2]],
    ["val_loss < 0.2", [0, 2]],
    ["val_loss<0.2", [0, 2]],
    ["val_loss < 0.2 status:running", [0]],
    ["lr = 1e-3", [0]],
    ["lr=0.0010000000001", [0]],
    ["lr != 1e-3", [1]],
    ["-lr = 1e-3", [1, 2]],
    ["lr:*", [0, 1]],
    ["-lr:*", [2]],
    ["name~base", [0]],
    ["name:baseline", [0]],
    ["name:baseline,bert", [0, 1]],
    ['name = "Baseline"', [0]],
    ["name = resnet", [0, 2]],
    ["name:*", [0, 1, 2]],
    ["name != baseline", [1, 2]],
    ["-name~base", [1, 2]],
    ["run.name~bert", [1]],
    ["alias~base", [0]],
    ["lr >= 0.001 lr <= 0.001", [0]],
    ["metric.lr > 5", [1, 2]],
    ["metric.val_loss.last = nan", [1]],
    ["metric.val_loss.max = inf", [1]],
    ["metric.val_loss.max > 2", [1, 2]],
    ["metric.val_loss < 0.2", [0, 2]],
    ["param.lr < 1", [0, 1]],
    ["PARAM.LR < 1", [0, 1]],
    ["momentum = 0.9", [0, 2]],
    ["batch > 32", [1, 2]],
    ['"train/batch" > 32', [1, 2]],
    ["tag:good", [0]],
    ["tag:good,bad", [0, 1]],
    ["-tag:bad", [0, 2]],
    ["tag != bad", [0, 2]],
    ["tag~ap", [0]],
    ["tag:*", [0, 1]],
    ["host:a100", [0, 2]],
    ['host:"gpu 2"', [1]],
    ["host = 'gpu 2'", [1]],
    ["status:running,failed", [0, 2]],
    ["model~RESNET", [0]],
    ["model = resnet50", [0]],
    ["model > 49", [2]],
    ["model:50", [2]],
    ["amp = true", [0]],
    ["amp != true", [1]],
    ["duration > 2h", [1]],
    ["duration < 1h30m", [0]],
    ["started > 3d", [0, 1]],
    ["started < 3d", [2]],
    ["started:today,yesterday", [0]],
    ["started >= 2026-11-28", [0, 1]],
    ["started = 2026-11", [0, 1, 2]],
    ["started > 2026", []],
    ["started > 2025", [0, 1, 2]],
    ["started <= 2026", [0, 1, 2]],
    ["started <= 2025", []],
    ["started <= 2026-11-28", [1, 2]],
    ["started < 2026-11-28", [2]],
    ["started > 2026-11-27", [0, 1]],
    ["started > 2026-11-28", [0]],
    ["started > now", []],
    ["started <= now", [0, 1, 2]],
    ["size > 1k", [1, 2]],
    ["size >= 2GiB", [1]],
    ["env.python.version:3.12", [1, 2]],
    ['note="a:b"', [0]],
    ['note:"say \\"hi\\""', [1]],
    ["baseline", [0]],
    ["BERT", [1]],
    ["paper", [0]],
    ["-bert", [0, 2]],
    ["vision resnet", [0, 2]],
    ["cccccc", [2]],
    ['"vision/res"', [0, 2]],
    ["   status:running   ", [0]],
  ])("%j", (line, expected) => {
    expect(problems(line)).toEqual([]);
    expect(chosen(line)).toEqual(expected);
  });

  it.each<[string, string[], number[]]>([
    ["val_los < 0.2", ['unknown-name "val_los"'], [0, 1, 2]],
    ["val_loss < fast tag:good", ['no-number "fast"'], [0]],
    ["val_loss <", ['no-value "<"'], [0, 1, 2]],
    ["val_loss <   ", ['no-value "<"'], [0, 1, 2]],
    ["< 3 tag:bad", ['no-name "<"'], [1]],
    ['host:"a100', ['open-quote "\\"a100"'], [0, 1, 2]],
    ["duration > long", ['no-duration "long"'], [0, 1, 2]],
    ["duration > 2x", ['no-duration "2x"'], [0, 1, 2]],
    ["started > 2026-13", ['no-time "2026-13"'], [0, 1, 2]],
    ["started > 2026-02-30", ['no-time "2026-02-30"'], [0, 1, 2]],
    ["started > 12", ['no-time "12"'], [0, 1, 2]],
    ["size > big", ['no-size "big"'], [0, 1, 2]],
    ["tag > b", ['no-order ">"'], [0, 1, 2]],
    ["nothing = 1 lr = ", ['unknown-name "nothing"', 'no-value "="'], [0, 1, 2]],
  ])("%j reports its problems with positions", (line, expected, rows) => {
    expect(problems(line)).toEqual(expected);
    expect(chosen(line)).toEqual(rows);
  });

  it("takes a number that stands in a text column as a number, and a word in a column of numbers as a word", () => {
    expect(chosen("lr = none")).toEqual([]);
    expect(chosen("lr != none")).toEqual([0, 1]);
  });

  it("is read up to its limit", () => {
    const line = `tag:good ${"x".repeat(longestQuery)}`;
    expect(problems(line)[0]).toMatch(/^too-long/);
  });

  it("is quoted so that it parses back to the same", () => {
    for (const text of ["a b", "", "a:b", 'say "hi"', "back\\slash", "-x", "it's", "<", "lr", "训练"])
      expect(parseQuery(`name:${writePiece(text)}`).terms).toMatchObject([{ value: { text } }]);
  });
});

describe("values", () => {
  it("are numbers, also odd ones", () => {
    expect(["1e-3", "-.5", "+2.", "inf", "-Infinity", "1_0", "0x10", "", "1e"].map(readNumber)).toEqual([
      0.001,
      -0.5,
      2,
      Infinity,
      -Infinity,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(readNumber("NaN")).toBeNaN();
  });

  it("are durations and sizes", () => {
    expect(["2h", "1h30m", "90", "1.5d", "500ms", "2h x", "h", ""].map(readDuration)).toEqual([
      7_200,
      5_400,
      90,
      129_600,
      0.5,
      undefined,
      undefined,
      undefined,
    ]);
    expect(["10", "1k", "1.5MB", "2 GiB", "1b", "x", "-1k"].map(readSize)).toEqual([
      10,
      1_024,
      1.5 * 1024 ** 2,
      2 * 1024 ** 3,
      1,
      undefined,
      undefined,
    ]);
  });

  it("are times of this machine's zone", () => {
    const at = (...parts: [number, number, number, number?, number?]): number =>
      new Date(...parts).getTime() / 1000;
    expect(readTime("2026-01-31", now)).toEqual({ from: at(2026, 0, 31), to: at(2026, 1, 1) });
    expect(readTime("2026-12", now)).toEqual({ from: at(2026, 11, 1), to: at(2027, 0, 1) });
    expect(readTime("2026-01-31T08:30", now)).toEqual({
      from: at(2026, 0, 31, 8, 30),
      to: at(2026, 0, 31, 8, 31),
    });
    expect(readTime("0050-01-01", now)?.from).toBeLessThan(at(1900, 0, 1));
    expect(readTime("3d", now)).toEqual({ from: now - 3 * day, to: now - 3 * day });
  });
});
