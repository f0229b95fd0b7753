import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nextEvent } from "../../../../src/common/async/event.js";
import type { RunTable, RunValue } from "../../../../src/runs/runTable.js";
import { createRecordsRig, type RecordsRig, syncId } from "../../../support/recordsRig.js";
import { until } from "../../../support/until.js";

let rig: RecordsRig;
beforeEach(async () => {
  rig = await createRecordsRig();
});
afterEach(() => rig.dispose());

const event = (data: object): string => `${JSON.stringify({ ts: 5, type: "metrics", data })}\n`;

/** All values of one row. */
function valuesOf(table: RunTable, row: number): Record<string, RunValue> {
  const found: Record<string, RunValue> = {};
  for (const [id, column] of table.columns) {
    const value = column.at(row);
    if (value !== undefined) found[id] = value;
  }
  return found;
}

async function putRun(id: string, createdAt: number, more: Record<string, string> = {}): Promise<void> {
  const folder = `runs/cv/${id}`;
  await rig.put(
    `${folder}/meta.json`,
    JSON.stringify({ id, path: "cv", created_at: createdAt, python: "3.11.2", hostname: "node7" }),
  );
  await rig.put(
    `${folder}/status.json`,
    JSON.stringify({ status: "finished", started_at: 10, ended_at: 25 }),
  );
  for (const [name, text] of Object.entries(more)) await rig.put(`${folder}/${name}`, text);
}

describe("the table of runs", () => {
  it("counts the bytes of each run, also of those that changed since", async () => {
    const sizes = async (): Promise<readonly unknown[]> => {
      const table = await rig.records.table();
      return Array.from({ length: table.count }, (_, row) => table.columns.get("run.size")?.at(row));
    };
    await putRun("a", 2);
    await putRun("b", 1);
    await rig.note("runs/cv/readme.txt", 7);
    const [a = 0, b = 0] = (await sizes()) as number[];
    expect(a).toBeGreaterThan(0);
    await rig.note("runs/cv/a/media/deep/one.png", 1_000);
    await rig.note("runs/cv/a/model.pt", 5_000);
    expect(await sizes()).toEqual([a + 6_000, b]);
    await rig.note("runs/cv/a/media/deep/one.png", 10);
    rig.cache.manifest.remove("runs/cv/a/model.pt");
    await rig.note("runs/cv/b/model.pt", 1);
    expect(await sizes()).toEqual([a + 10, b + 1]);
  });

  it("tells runs apart whose folders have one name", async () => {
    await putRun("a", 1);
    await rig.put("runs/other/a/meta.json", JSON.stringify({ path: "other", created_at: 2 }));
    const table = await rig.records.table();
    const names = [table.nameAt(0), table.nameAt(1)];
    expect(names.map((name) => table.rowOf(name))).toEqual([0, 1]);
    const details = await Promise.all(names.map((name) => rig.records.details(name)));
    expect(details.map((one) => one?.run.path)).toEqual(["other", "cv"]);
    expect(table.rowOf({ syncId, id: "a", inFolder: "runs/gone/a" })).toBeUndefined();
    expect(table.rowOf({ syncId, id: "a" })).toBe(0);
  });

  it("has the last value of a run that seems to run, where its line has no end", async () => {
    await putRun("a", 1, {
      "events.jsonl": event({ loss: 1, step: 1 }) + event({ loss: 2, step: 2 }).trimEnd(),
    });
    await rig.put("runs/cv/a/status.json", '{"status": "running"}');
    const table = await rig.records.table();
    expect(valuesOf(table, 0)).toMatchObject({ "run.status": "running", "metric.loss.last": 2 });
    await rig.append("runs/cv/a/events.jsonl", `\n${event({ loss: 3, step: 3 }).slice(0, -2)}`);
    await nextEvent(rig.records.onDidChange);
    expect(valuesOf(await rig.records.table(), 0)).toMatchObject({ "metric.loss.last": 2 });
  });

  it("leaves out what is in the recycle bin, whose details can be read all the same", async () => {
    await putRun("a", 1);
    await rig.put("runs/.recycle/b/meta.json", JSON.stringify({ path: "cv", created_at: 2 }));
    expect((await rig.records.table()).count).toBe(1);
    expect((await rig.records.details({ syncId, id: "b" }))?.run).toMatchObject({ id: "b", isDeleted: true });
  });

  it("has what the files of each run tell", async () => {
    await putRun("a", 1, {
      "assets.json": JSON.stringify({
        config: {
          args: { lr: 0.001, model: { depth: 18 }, amp: true, none: null },
          extra: { lr: 1, sizes: [1, 2] },
        },
      }),
      "summary.json":
        '{"best_metric_name": "val_loss", "best_metric_value": 0.25, "best_metric_mode": "min", "end": NaN}',
      "environment.json": JSON.stringify({
        python_version: "3.11",
        pip_packages: ["torch==2.1.0", "-e ."],
        git_info: { commit: "c0ffee", branch: "main", has_changes: true, last_commit_message: "m" },
      }),
      "events.jsonl": [
        { val_loss: 0.5, global_step: 1 },
        { val_loss: 0.25, global_step: 2 },
      ]
        .map(event)
        .join(""),
    });
    await putRun("b", 2);
    const table = await rig.records.table();
    expect(table).toMatchObject({ count: 2, unread: 0, leftOut: { runs: 0, columns: 0, values: 0 } });
    expect([table.runAt(0).id, table.runAt(1).id]).toEqual(["b", "a"]);
    expect(table.rowOf({ syncId, id: "a" })).toBe(1);
    expect(valuesOf(table, 1)).toEqual({
      "run.name": "cv",
      "run.id": "a",
      "run.path": "cv",
      "run.status": "finished",
      "run.host": "box",
      "run.root": "/data/root",
      "run.created": 1,
      "run.started": 10,
      "run.ended": 25,
      "run.duration": 15,
      "run.bestMetric": "val_loss",
      "run.best": 0.25,
      "run.machine": "node7",
      "run.commit": "c0ffee",
      "run.branch": "main",
      "run.dirty": true,
      "run.size": expect.any(Number) as number,
      "parameter.lr": 0.001,
      "parameter.model.depth": 18,
      "parameter.amp": true,
      "parameter.sizes": "[1,2]",
      "summary.best_metric_name": "val_loss",
      "summary.best_metric_value": 0.25,
      "summary.best_metric_mode": "min",
      "summary.end": Number.NaN,
      "metric.val_loss.last": 0.25,
      "metric.val_loss.min": 0.25,
      "metric.val_loss.max": 0.5,
      "metric.val_loss.best": 0.25,
      "environment.python": "3.11.2",
      "environment.hostname": "node7",
      "environment.python_version": "3.11",
      "environment.git_info.last_commit_message": "m",
      "environment.packages.torch": "2.1.0",
    });
    expect(table.columns.get("metric.val_loss.best")).toMatchObject({
      better: "min",
      filled: 1,
      kind: "number",
    });
    expect(table.columns.get("environment.python")).toMatchObject({ filled: 2, kind: "text" });
  });

  it("is the same until something changes, and a later one leaves it as it was", async () => {
    await putRun("a", 1, { "events.jsonl": event({ loss: 1 }) });
    const first = await rig.records.table();
    expect(await rig.records.table()).toBe(first);
    const told = nextEvent(rig.records.onDidChange);
    await rig.append("runs/cv/a/events.jsonl", event({ loss: 0.5 }));
    await told;
    const second = await rig.records.table();
    expect(second.version).toBeGreaterThan(first.version);
    expect(second.columns.get("metric.loss.last")?.at(0)).toBe(0.5);
    expect(first.columns.get("metric.loss.last")?.at(0)).toBe(1);
  });
});

describe("values over the memory limit", () => {
  it("are counted, and shown when there is space again", async () => {
    const big = (word: string): string =>
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: 2_000 }, (_, index) => [`s${index}`, `${word} ${index} ${"x".repeat(900)}`]),
        ),
      );
    // Each has nearly two million characters: the last ones do not fit beside the others.
    for (let run = 0; run < 11; run += 1)
      await putRun(`r${run}`, run, { "summary.json": big(`first ${run}`) });
    const full = await rig.records.table();
    expect(full.leftOut.values).toBeGreaterThan(1_000);
    for (let run = 0; run < 10; run += 1) await rig.put(`runs/cv/r${run}/summary.json`, "{}");
    const table = await rig.records.table();
    expect(table.leftOut.values).toBe(0);
    expect(table.columns.get("summary.s1999")?.filled).toBe(1);
  });

  it("are counted where they are of metrics, whether a run or the table has too many names", async () => {
    const many = (word: string, count: number): string =>
      event(Object.fromEntries(Array.from({ length: count }, (_, index) => [`${word}${index}`, index])));
    await putRun("a", 1, { "events.jsonl": many("a", 10_003) });
    await putRun("b", 2, { "events.jsonl": many("b", 9_000) });
    await until("the events are read", async () => (await rig.records.table()).unread === 0);
    const before = (await rig.records.table()).leftOut.values;
    expect(before).toBe(3);
    await rig.append("runs/cv/a/events.jsonl", many("c", 5));
    await until("the new event is read", async () => (await rig.records.table()).leftOut.values === 8);
    expect((await rig.records.details({ syncId, id: "a" }))?.skipped).toEqual([
      { path: "events.jsonl", reason: "too-many", lines: 8 },
    ]);
    await putRun("c", 3, { "events.jsonl": many("d", 3_000) });
    await until("the third run is read", async () => (await rig.records.table()).leftOut.values > 8);
  });
});

describe("the details of a run", () => {
  it("are what its files tell", async () => {
    await putRun("a", 1, {
      "summary.json": '{"best_metric_name": "acc", "best_metric_value": 0.9, "best_metric_mode": "max"}',
      "events.jsonl": `${event({ acc: 0.9, global_step: 3 })}${event({ acc: 0.8, global_step: 4 })}{"type": "metr`,
    });
    const details = await rig.records.details({ syncId, id: "a" });
    expect(details?.metrics.get("acc")).toEqual({
      count: 2,
      last: 0.8,
      lastStep: 4,
      min: 0.8,
      max: 0.9,
      best: 0.9,
      firstNotFinite: undefined,
    });
    expect(details?.skipped).toEqual([{ path: "events.jsonl", reason: "damaged", lines: 1 }]);
    const table = await rig.records.table();
    expect(table.unreadLines(table.rowOf({ syncId, id: "a" }) ?? -1)).toBe(1);
    expect(details?.files.map(({ path }) => path)).toEqual([
      "events.jsonl",
      "meta.json",
      "status.json",
      "summary.json",
    ]);
    expect(details?.bytes).toBe(details?.files.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(await rig.records.details({ syncId, id: "other" })).toBeUndefined();
  });
});
