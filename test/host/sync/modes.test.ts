import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import { createTestSyncs } from "../../support/syncRig.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { createMetrics } from "../../../src/charts/metrics.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import type { Sync } from "../../../src/sync/syncState.js";
import type { TestClient } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { differences } from "../../support/rsync.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import { projectRuns } from "../../support/runicorn/projectRuns.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** What smart mode keeps by itself: rsync looks at nothing else. */
const metadataOnly = [
  "--include=*/",
  ...["meta", "status", "summary", "assets", "environment", "artifacts_created", "artifacts_used"].flatMap(
    (name) => [`--include=${name}.json`],
  ),
  "--exclude=*",
  "--omit-dir-times",
  "--no-perms",
  "--prune-empty-dirs",
];

let host: HostHome;
let sshd: Sshd;
let client: TestClient;
let connection: Connection;
let syncs: Syncs;
const connect = (): Promise<Connection> => client.connectTo(sshd);

it.beforeAll(async ({ trainHome, trainServer, trainConnection, client: person, syncs: copies }) => {
  [host, sshd, client] = [trainHome, trainServer, person];
  [connection, syncs] = [trainConnection, copies];
  await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
  await projectRuns(host.root, host.home);
});

const settled = async (id: string): Promise<Sync> => {
  await until("the root is as the host", async () => (await syncs.get(id))?.state.kind === "waiting");
  return (await syncs.get(id)) as Sync;
};

describe("smart mode", () => {
  let id: string;
  beforeAll(async () => {
    ({ id } = await syncs.start(connection, { root: "~/runs", mode: "smart" }));
    await settled(id);
  });

  it("brings the metadata of runs in both layouts, and nothing else", async () => {
    expect(await differences(host.root, syncs.folder(id), metadataOnly)).toEqual([]);
    const copied = (await readdir(syncs.folder(id), { recursive: true })).filter((name) =>
      name.includes("."),
    );
    expect(copied.every((name) => name.endsWith(".json"))).toBe(true);
    expect(await syncs.get(id)).toMatchObject({ root: host.root, mode: "smart", interval: 300 });
  });

  it("lists the runs", async () => {
    const runs = await syncs.runs(id);
    expect(runs).toHaveLength(8);
    expect(runs.filter(({ status }) => status === "failed")).toMatchObject([
      { path: "language/bert-sst2", alias: "lr 1e-3 diverges", project: "language", name: "bert-sst2" },
    ]);
    const old = runs.find(({ name }) => name === "resnet50");
    expect(old).toMatchObject({
      path: "image_classification/resnet50",
      project: "image_classification",
      status: "finished",
      bestMetric: { name: "accuracy", value: 0.95 },
    });
    expect(JSON.parse(old?.summary ?? "")).toMatchObject({ note: "resnet50", nothing: null });
    expect(runs.some(({ alias }) => alias === "第一次")).toBe(true);
  });

  it("brings another file when it is asked for, and what is new of it the next time", async () => {
    const run = (await syncs.runs(id)).find(({ project }) => project === "vision");
    const path = `${run?.folder ?? ""}/events.jsonl`;
    const { path: local, fresh } = await syncs.fetch(id, path);
    expect(fresh).toBe(true);
    expect(await readFile(local)).toEqual(await readFile(join(host.root, path)));
    await appendFile(join(host.root, path), "more\n");
    await syncs.fetch(id, path);
    expect(await readFile(local)).toEqual(await readFile(join(host.root, path)));
    const metrics = createMetrics(local);
    await metrics.update();
    expect([...metrics.series.keys()].sort()).toEqual(["learning_rate", "train_loss", "val_accuracy"]);
  });

  it("removes the least recently requested files at the limit", async () => {
    await mkdir(join(host.root, "media"));
    const small = createTestSyncs(client.connections, join(client.home, "small"), {
      onDemandLimit: () => 2_500,
    });
    const names = ["a", "b", "c"].map((name) => `media/${name}.png`);
    for (const name of names) await writeFile(join(host.root, name), Buffer.alloc(1_000));
    const { id: other } = await small.start(connection, { root: host.root, mode: "smart" });
    for (const name of names) await small.fetch(other, name);
    expect((await readdir(join(small.folder(other), "media"))).sort()).toEqual(["b.png", "c.png"]);
    await small.close();
  });

  it.each(["../../../etc/passwd", "/etc/passwd", "runs/../../x", ""])("does not fetch %j", async (path) => {
    await expect(syncs.fetch(id, path)).rejects.toMatchObject({ detail: { code: "sync-file-missing" } });
  });

  it("says that the root is missing, and starts nothing", async () => {
    const root = join(host.home, "nowhere");
    await expect(syncs.start(connection, { root, mode: "smart" })).rejects.toMatchObject({
      detail: { code: "sync-root-missing", root },
    });
    await expect(
      syncs.start(connection, { root: join(host.home, ".config/runicorn/config.json"), mode: "smart" }),
    ).rejects.toMatchObject({ detail: { code: "sync-root-not-folder" } });
  });
});

describe("mirror mode", () => {
  let id: string;
  beforeAll(async () => {
    ({ id } = await syncs.start(connection, { root: host.root, mode: "mirror", interval: 0.1 }));
  });

  it("brings everything, then what changes", async () => {
    const equal = async (): Promise<boolean> => (await differences(host.root, syncs.folder(id))).length === 0;
    await until("equal", equal);
    await writeFile(join(host.root, "new.txt"), "new");
    await until("equal again", equal);
    await rm(join(host.root, "new.txt"));
    await until("equal once more", equal);
  });

  it("takes one exec for all its passes", async () => {
    const before = (await sshd.commands()).length;
    const scans = (await syncs.get(id))?.stats.scans ?? 0;
    await until("ten passes", async () => ((await syncs.get(id))?.stats.scans ?? 0) > scans + 10);
    expect((await sshd.commands()).length).toBe(before);
  });

  it("keeps what was copied while the root is gone, and goes on when it is back", async () => {
    const aside = `${host.root}.aside`;
    await rename(host.root, aside);
    await until("failed", async () => (await syncs.get(id))?.state.kind === "failed");
    expect((await syncs.get(id))?.state).toMatchObject({ failure: { code: "sync-root-missing" } });
    expect(await differences(aside, syncs.folder(id))).toEqual([]);
    await rename(aside, host.root);
    await syncs.syncNow(id);
    await settled(id);
    expect(await differences(host.root, syncs.folder(id))).toEqual([]);
  });

  it("follows a new root in place of the old one when the user confirms", async () => {
    const confirmed = async (): Promise<void> => {
      await until("it is told", async () => {
        const state = (await syncs.get(id))?.state;
        return state?.kind === "failed" && state.failure.code === "sync-much-gone";
      });
      await syncs.removeGone(id);
      await until("equal", async () => (await differences(host.root, syncs.folder(id))).length === 0);
    };
    await rename(host.root, `${host.root}.old`);
    await mkdir(host.root);
    await writeFile(join(host.root, "only.txt"), "only");
    await confirmed();
    await rm(host.root, { recursive: true });
    await rename(`${host.root}.old`, host.root);
    await confirmed();
  });

  it("goes on when a lost connection is back, and serves what it has meanwhile", async () => {
    const [run] = await syncs.runs(id);
    const path = `${run?.folder ?? ""}/logs.txt`;
    const offline = nextEvent(syncs.onDidChange, (changed) => changed === id);
    await connection.close();
    await offline;
    await until("offline", async () => (await syncs.get(id))?.state.kind === "offline");
    expect(await syncs.fetch(id, path)).toMatchObject({ fresh: false });
    expect(await syncs.runs(id)).toHaveLength(8);
    await writeFile(join(host.root, "meanwhile.txt"), "meanwhile");
    connection = await connect();
    await until("equal", async () => (await differences(host.root, syncs.folder(id))).length === 0);
  });

  it("stops, and another window finds what was copied", async () => {
    await syncs.stop(id);
    expect((await syncs.get(id))?.state).toEqual({ kind: "stopped" });
    const other = createTestSyncs(client.connections, client.home);
    expect(await other.list()).toMatchObject([{ id, root: host.root, state: { kind: "stopped" } }]);
    expect((await other.list())[0]?.syncedAt).toBeCloseTo((await syncs.get(id))?.syncedAt ?? 0, -1);
    expect(await other.runs()).toHaveLength(8);
    await other.close();
  });

  it("is forgotten with everything that was copied", async () => {
    await syncs.forget(id);
    expect(await syncs.list()).toEqual([]);
    await expect(readdir(syncs.folder(id))).rejects.toThrow();
  });
});
