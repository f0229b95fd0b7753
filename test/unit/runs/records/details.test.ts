import { open, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunDetails } from "../../../../src/runs/runDetails.js";
import { createRecordsRig, type RecordsRig, syncId } from "../../../support/recordsRig.js";

let rig: RecordsRig;
beforeEach(async () => {
  rig = await createRecordsRig();
});
afterEach(() => rig.dispose());

const folder = "runs/cv/a";
const id = "a";
const metrics = (data: string): string => `{"ts": 5, "type": "metrics", "data": ${data}}`;
/** Milliseconds within which all is told, on a machine that does other things too. */
const patience = 10_000;

/** Puts a run with these files, and says what is known of it. */
async function told(files: Readonly<Record<string, string | Buffer>>): Promise<RunDetails> {
  const usual = { "meta.json": JSON.stringify({ id }), "status.json": '{"status": "finished"}' };
  for (const [name, content] of Object.entries({ ...usual, ...files }))
    await rig.put(`${folder}/${name}`, content);
  return detailsNow();
}

async function detailsNow(): Promise<RunDetails> {
  const began = performance.now();
  let table = await rig.records.table();
  while (table.unread > 0) table = await rig.records.table();
  const details = await rig.records.details({ syncId, id });
  if (!details) throw new Error("there is no such run");
  // What the table shows is what the details say.
  for (const [name, { last, min }] of details.metrics) {
    expect(table.columns.get(`metric.${name}.last`)?.at(0)).toBe(last);
    expect(table.columns.get(`metric.${name}.min`)?.at(0)).toBe(min);
  }
  expect(table).toMatchObject({ count: 1, unread: 0 });
  expect(performance.now() - began).toBeLessThan(patience);
  return details;
}

describe("small files", () => {
  it("with a byte order mark, CRLF, or in UTF-16 are read", async () => {
    const details = await told({
      "summary.json": '\ufeff{\r\n  "loss": 1\r\n}\r\n',
      "assets.json": Buffer.from('\ufeff{"config": {"args": {"name": "Zoë"}}}', "utf16le"),
    });
    expect([...details.summary]).toEqual([["loss", 1]]);
    expect([...details.parameters]).toEqual([["name", "Zoë"]]);
    expect(details.skipped).toEqual([]);
  });

  it.each([
    ["half written", '{"loss": 1, "x'],
    ["nested too deeply", `{"a": ${"[".repeat(100_000)}`],
    ["no object", "[1, 2]"],
    ["no JSON", Buffer.from([0xff, 0x00, 0x80, 0x13])],
    ["empty", ""],
  ])("that are %s are named, and the rest is told", async (_, content) => {
    const details = await told({ "summary.json": content, "assets.json": '{"config": {"args": {"lr": 1}}}' });
    expect(details.skipped).toEqual([{ path: "summary.json", reason: "damaged", lines: 0 }]);
    expect([...details.parameters]).toEqual([["lr", 1]]);
    expect([...details.summary]).toEqual([]);
  });

  it("that are too large are named", async () => {
    await told({});
    await rig.put(`${folder}/summary.json`, "{}");
    await truncate(join(rig.folder, "files", folder, "summary.json"), 5 * 1024 * 1024);
    await rig.note(`${folder}/summary.json`);
    expect((await detailsNow()).skipped).toEqual([{ path: "summary.json", reason: "too-large", lines: 0 }]);
  });

  it("tell numbers that JSON does not know, and no null", async () => {
    const { summary } = await told({
      "summary.json":
        '{"a": NaN, "b": Infinity, "c": -Infinity, "d": 1e400, "e": null, "f": [NaN, 1], "g": "NaN"}',
    });
    expect([...summary]).toEqual([
      ["a", Number.NaN],
      ["b", Infinity],
      ["c", -Infinity],
      ["d", Infinity],
      ["f", '["NaN",1]'],
      ["g", "NaN"],
    ]);
  });

  it("are harmless with very many names, prototype names and lone surrogates", async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key ${index}`, index]));
    const details = await told({
      "assets.json": `{"config": {"args": {"__proto__": {"lr": 1}, "constructor": 2, "toString": "x"}}}`,
      "summary.json": JSON.stringify({ "\ud800": 1, ...many }),
      "events.jsonl": `${metrics('{"__proto__": 1, "\\udfff": 2, "constructor": 3}')}\n`,
    });
    expect([...details.parameters]).toEqual([
      ["__proto__.lr", 1],
      ["constructor", 2],
      ["toString", "x"],
    ]);
    expect(({} as Record<string, unknown>)["lr"]).toBeUndefined();
    expect(details.summary.size).toBe(10_000);
    expect(details.summary.get("\ud800")).toBe(1);
    expect(details.skipped).toEqual([{ path: "summary.json", reason: "too-many", lines: 90_001 }]);
    expect([...details.metrics.keys()]).toEqual(["__proto__", "\udfff", "constructor"]);
    const table = await rig.records.table();
    expect(table.leftOut.values).toBe(98_001);
    expect(table.columns.get("metric.constructor.last")?.at(0)).toBe(3);
    expect(table.columns.size).toBeLessThanOrEqual(5_100);
  });
});

describe("events", () => {
  const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

  it("with a byte order mark and CRLF are read, and go on", async () => {
    const first = await told({ "events.jsonl": `\ufeff${metrics('{"x": 1, "step": 1}')}\r\n\r\n` });
    expect(first.metrics.get("x")).toMatchObject({ count: 1, last: 1 });
    await rig.append(`${folder}/events.jsonl`, `${metrics('{"x": 3, "step": 2}')}\r\n`);
    const second = await detailsNow();
    expect(second.metrics.get("x")).toMatchObject({ count: 2, last: 3, lastStep: 2 });
    expect(second.skipped).toEqual([]);
  });

  it("in UTF-16 are read, each value once", async () => {
    const text = Buffer.from(`\ufeff${lines(metrics('{"x": 1}'), "no JSON")}`, "utf16le");
    expect((await told({ "events.jsonl": text })).metrics.get("x")).toMatchObject({ count: 1 });
    const more = Buffer.from(lines(metrics('{"x": 2}')), "utf16le");
    await rig.put(`${folder}/events.jsonl`, Buffer.concat([text, more]));
    const details = await detailsNow();
    expect(details.metrics.get("x")).toMatchObject({ count: 2, last: 2 });
    expect(details.skipped).toEqual([{ path: "events.jsonl", reason: "damaged", lines: 1 }]);
  });

  it("with NaN, infinite or too large values are marked at their step", async () => {
    const details = await told({
      "events.jsonl": lines(
        metrics('{"x": 1, "global_step": 1}'),
        metrics('{"x": NaN, "y": null, "global_step": 2}'),
        metrics('{"x": 1e400, "z": -Infinity, "global_step": 3}'),
        metrics('{"x": 0.5, "word": "text", "global_step": 4}'),
        metrics("[1]"),
        '{"type": "image", "data": {"x": 9}}',
      ),
    });
    const none = { min: undefined, max: undefined, best: undefined };
    expect(details.metrics).toEqual(
      new Map([
        ["x", { count: 4, last: 0.5, lastStep: 4, min: 0.5, max: 1, best: undefined, firstNotFinite: 2 }],
        ["y", { count: 1, last: Number.NaN, lastStep: 2, ...none, firstNotFinite: 2 }],
        ["z", { count: 1, last: -Infinity, lastStep: 3, ...none, firstNotFinite: 3 }],
      ]),
    );
    expect(details.skipped).toEqual([]);
  });

  it("whose steps fall are all counted, and the last one is the last that was logged", async () => {
    const steps = [1, 2, 3, 2, 3, 4, 1];
    const text = lines(
      ...steps.map((step, index) => metrics(`{"loss": ${10 - index}, "global_step": ${step}}`)),
    );
    const { metrics: found } = await told({ "events.jsonl": text });
    expect(found.get("loss")).toMatchObject({ count: 7, last: 4, lastStep: 1, min: 4, max: 10, best: 4 });
  });

  it("with damaged and truncated lines are read, and those lines counted", async () => {
    const details = await told({
      "events.jsonl": `${lines(metrics('{"x": 1}'), "no JSON", "[".repeat(3_000), "17", metrics('{"x": 2}'))}{"type": "metr`,
    });
    expect(details.metrics.get("x")).toMatchObject({ count: 2, last: 2 });
    expect(details.skipped).toEqual([{ path: "events.jsonl", reason: "damaged", lines: 4 }]);
  });

  it("of a run that goes on are read to the last whole value, and half a line is not damaged", async () => {
    const status = '{"status": "running"}';
    const half = metrics('{"x": 2}');
    const first = await told({
      "status.json": status,
      "events.jsonl": `${lines(metrics('{"x": 1}'))}${half.slice(0, 9)}`,
    });
    expect([first.metrics.get("x")?.count, first.skipped]).toEqual([1, []]);
    await rig.append(`${folder}/events.jsonl`, half.slice(9));
    // It has no end of a line yet.
    expect((await detailsNow()).metrics.get("x")?.count).toBe(2);
    await rig.put(`${folder}/status.json`, '{"status": "finished"}');
    const last = await detailsNow();
    expect([last.metrics.get("x")?.count, last.skipped]).toEqual([2, []]);
  });

  it("are read again when they were rewritten", async () => {
    await told({ "events.jsonl": lines(metrics('{"x": 1}'), metrics('{"old": 2}')) });
    await rig.put(
      `${folder}/events.jsonl`,
      lines(metrics('{"x": 5}'), metrics('{"x": 6}'), metrics('{"x": 7}')),
    );
    const details = await detailsNow();
    expect([...details.metrics.keys()]).toEqual(["x"]);
    expect(details.metrics.get("x")).toMatchObject({ count: 3, last: 7, min: 5 });
  });

  it("with a line of 200 MB tell the others soon, also where its end comes later", async () => {
    await told({ "events.jsonl": lines(metrics('{"x": 1}')) });
    const file = await open(join(rig.folder, "files", folder, "events.jsonl"), "a");
    // A hole in the file: nothing is written.
    await file.truncate(200 * 1024 * 1024);
    await file.close();
    await rig.note(`${folder}/events.jsonl`);
    const hole = { path: "events.jsonl", reason: "too-large", lines: 1 };
    expect((await detailsNow()).skipped).toEqual([hole]);
    await rig.append(`${folder}/events.jsonl`, `\n${lines(metrics('{"x": 2}'))}`);
    const details = await detailsNow();
    expect(details.metrics.get("x")).toMatchObject({ count: 2, last: 2 });
    expect(details.skipped).toEqual([hole]);
  }, 60_000);
});

describe("a file that may not be read", () => {
  it("is named with the reason", async () => {
    await told({});
    await rig.note(`${folder}/summary.json`, 10);
    rig.changeSync({
      skipped: [
        { path: `${folder}/summary.json`, why: "denied" },
        { path: `${folder}/logs.txt`, why: "unreadable" },
        { path: "runs/other/summary.json", why: "denied" },
      ],
    });
    const details = await detailsNow();
    expect(details.skipped).toEqual([
      { path: "summary.json", reason: "no-permission", lines: 0 },
      { path: "logs.txt", reason: "damaged", lines: 0 },
    ]);
    expect(details.files.find(({ path }) => path === "summary.json")).toMatchObject({
      bytes: 10,
      isHere: false,
    });
  });
});
