import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createRunRecords, type OpenRunRecords } from "../../../src/runs/records/createRunRecords.js";
import { createSyncs, type Syncs } from "../../../src/sync/syncs.js";
import { ordinaryShell } from "../../support/ordinaryShell.js";
import { createSyncRig, neverAgain, type SyncRig } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

/** The account of the host is none that may read everything: its commands run without root's rights over files. */
let rig: SyncRig;
let syncs: Syncs;
let records: OpenRunRecords;
beforeEach(async () => {
  rig = await createSyncRig({ shell: ordinaryShell });
  syncs = createSyncs({
    dataFolder: join(rig.cacheFolder, "data"),
    connections: rig.client.connections,
    connectAgain: neverAgain,
    logger: silentLogger,
  });
  records = createRunRecords({ syncs, logger: silentLogger });
});
afterEach(async () => {
  await records.close();
  await syncs.close();
  await rig.dispose();
});

const event = (x: number): string => `{"ts": 1, "type": "metrics", "data": {"x": ${x}, "step": 1}}\n`;

async function putRun(id: string): Promise<(name: string) => string> {
  const folder = join(rig.root, "runs", "cv", id);
  await mkdir(folder, { recursive: true });
  const files = {
    "meta.json": JSON.stringify({ id, path: "cv", created_at: 1 }),
    "status.json": '{"status": "finished"}',
    "summary.json": '{"accuracy": 0.5}',
    "events.jsonl": event(2),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
}

it("a run of which some files may not be read shows the rest, names those, and has them when they may", async () => {
  const at = await putRun("a");
  await putRun("b");
  for (const name of ["events.jsonl", "summary.json"]) await chmod(at(name), 0);
  const { id: syncId } = await syncs.start(rig.connection, {
    root: rig.root,
    mode: "mirror",
    interval: 0.05,
  });
  await until("both are listed", async () => (await syncs.runs(syncId)).length === 2);
  await until("it is told of", async () => (await syncs.get(syncId))?.skipped.length === 2);
  const details = async (id: string) => records.details({ syncId, id });
  const first = await details("a");
  expect(first?.run).toMatchObject({ path: "cv", status: "finished" });
  expect([...(first?.metrics.keys() ?? [])]).toEqual([]);
  expect(first?.skipped.toSorted((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
    { path: "events.jsonl", reason: "no-permission", lines: 0 },
    { path: "summary.json", reason: "no-permission", lines: 0 },
  ]);
  await until("the other one is whole", async () => (await details("b"))?.metrics.get("x")?.last === 2);
  expect((await details("b"))?.skipped).toEqual([]);
  const table = await records.table();
  const columns = (id: string, name: string) =>
    table.columns.get(name)?.at(table.rowOf({ syncId, id }) ?? -1);
  expect([columns("a", "run.status"), columns("a", "summary.accuracy")]).toEqual(["finished", undefined]);
  expect(columns("b", "summary.accuracy")).toBe(0.5);
  for (const name of ["events.jsonl", "summary.json"]) await chmod(at(name), 0o644);
  await until("it is whole", async () => {
    const found = await details("a");
    return found?.metrics.get("x")?.last === 2 && found.skipped.length === 0;
  });
});

it("a run whose folder may not be listed costs no other run", async () => {
  await putRun("a");
  await putRun("b");
  await chmod(join(rig.root, "runs", "cv", "a"), 0);
  const { id: syncId } = await syncs.start(rig.connection, {
    root: rig.root,
    mode: "mirror",
    interval: 0.05,
  });
  await until("it is told of", async () => (await syncs.get(syncId))?.skipped.length === 1);
  expect((await syncs.get(syncId))?.skipped).toEqual([{ path: "runs/cv/a", why: "denied" }]);
  expect((await syncs.runs(syncId)).map(({ id }) => id)).toEqual(["b"]);
  await chmod(join(rig.root, "runs", "cv", "a"), 0o755);
  await until("it is there", async () => (await syncs.runs(syncId)).length === 2);
});
