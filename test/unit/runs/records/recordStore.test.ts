import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenRunRecords } from "../../../../src/runs/records/createRunRecords.js";
import { readRecords } from "../../../../src/runs/records/recordStore.js";
import { placeIn, Space } from "../../../../src/runs/records/row.js";
import type { RunTable } from "../../../../src/runs/runTable.js";
import { createRecordsRig, type RecordsRig } from "../../../support/recordsRig.js";
import { until } from "../../../support/until.js";

const runs = 80;
let rig: RecordsRig;
beforeEach(async () => {
  rig = await createRecordsRig();
  for (let run = 0; run < runs; run += 1) {
    const folder = `runs/p/${run}`;
    await rig.put(`${folder}/meta.json`, JSON.stringify({ created_at: run, python: `3.${run % 3}` }));
    await rig.put(
      `${folder}/summary.json`,
      `{"end": ${run % 7 === 0 ? "NaN" : run}, "word": "w${run}", "good": true}`,
    );
    await rig.put(`${folder}/events.jsonl`, event({ loss: run, [`own ${run % 5}`]: 1 }));
  }
});
afterEach(() => rig.dispose());

const event = (data: object): string => `${JSON.stringify({ type: "metrics", data })}\n`;
const kept = (): string => join(rig.folder, "records.bin");

async function whole(records: OpenRunRecords): Promise<RunTable> {
  let table = await records.table();
  while (table.unread > 0) table = await records.table();
  return table;
}

/** The table, and when it was kept. */
async function keptTable(): Promise<RunTable> {
  const table = await whole(rig.records);
  await until("the records are kept", () =>
    stat(kept()).then(
      () => true,
      () => false,
    ),
  );
  return table;
}

function cellsOf(table: RunTable): unknown {
  const rows = Array.from({ length: table.count }, (_, row) => row);
  return [...table.columns.values()]
    .map(
      ({ id, at, kind, filled, better }) => [id, kind, filled, better, rows.map((row) => at(row))] as const,
    )
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

describe("the records of an earlier program", () => {
  it("are those that are read from the files", async () => {
    const before = await keptTable();
    // What is not read again is not missed.
    await writeFile(join(rig.folder, "files/runs/p/3/summary.json"), "no JSON");
    await truncate(join(rig.folder, "files/runs/p/3/events.jsonl"), 0);
    const after = await whole(await rig.another());
    expect(cellsOf(after)).toEqual(cellsOf(before));
    expect(after.count).toBe(runs);
  });

  it("are read again where files changed, and events go on where they were", async () => {
    await keptTable();
    await rig.append("runs/p/3/events.jsonl", event({ loss: -1 }));
    await rig.put("runs/p/4/summary.json", '{"end": 400}');
    const another = await rig.another();
    const table = await whole(another);
    const rowOf = (id: string): number => table.rowOf({ syncId: table.runAt(0).syncId, id }) ?? -1;
    expect(table.columns.get("metric.loss.max")?.at(rowOf("3"))).toBe(3);
    expect(table.columns.get("metric.loss.min")?.at(rowOf("3"))).toBe(-1);
    expect(table.columns.get("summary.end")?.at(rowOf("4"))).toBe(400);
    expect(table.columns.get("summary.word")?.at(rowOf("4"))).toBeUndefined();
    expect(table.columns.get("summary.word")?.at(rowOf("5"))).toBe("w5");
    const details = await another.details({ syncId: table.runAt(0).syncId, id: "3" });
    expect(details?.metrics.get("loss")).toMatchObject({ count: 2, last: -1 });
  });

  it.each([
    ["cut", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ["with other bytes", (bytes: Buffer) => bytes.fill(7, bytes.length - 800, bytes.length - 792)],
    [
      "of another version",
      (bytes: Buffer) => Buffer.from(bytes.toString("latin1").replace("records 1", "records 2"), "latin1"),
    ],
    ["empty", () => Buffer.alloc(0)],
  ])("are read from the files if the stored ones are %s", async (_, damage) => {
    const before = await keptTable();
    await writeFile(kept(), damage(await readFile(kept())));
    await writeFile(join(rig.folder, "runs.json"), "[1, [2, {}]");
    expect(cellsOf(await whole(await rig.another()))).toEqual(cellsOf(before));
  });

  it("stay as they are where names and texts have other numbers", async () => {
    await keptTable();
    const space = new Space();
    for (const name of ["summary.good", "metric.loss", "summary.word", "summary.end"]) space.names.idOf(name);
    for (const text of ["w9", "w8"]) space.texts.idOf(text);
    const found = await readRecords(rig.folder, space);
    expect(found.size).toBe(runs);
    for (const [folder, { values, metrics }] of found) {
      const run = Number(folder.split("/").at(-1));
      const value = (name: string): unknown =>
        space.valueAt(values, placeIn(values.shape, space.names.idOf(name) ?? -1));
      expect(value("summary.end")).toBe(run % 7 === 0 ? Number.NaN : run);
      expect(value("summary.word")).toBe(`w${run}`);
      expect(value("summary.good")).toBe(true);
      expect(value("environment.python")).toBe(`3.${run % 3}`);
      expect(metrics && space.unpackFigures(metrics).get("loss")?.[1]).toBe(run);
    }
  });
});
