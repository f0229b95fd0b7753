import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { changedFiles } from "../../../src/runs/compare/changedFiles.js";
import { compareRuns } from "../../../src/runs/compare/compareRuns.js";
import { createRunImages } from "../../../src/runs/images/runImages.js";
import { createRunRecords } from "../../../src/runs/records/createRunRecords.js";
import type { RunDetails } from "../../../src/runs/runDetails.js";
import { readSnapshot, readSnapshotFile, type Snapshot } from "../../../src/runs/snapshot/snapshot.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import {
  createTestClient,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { makeCodeRuns } from "../../support/runicorn/codeRuns.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";

let host: HostHome;
let sshd: Sshd;
let client: TestClient;
let syncs: Syncs;
let runs: readonly RunDetails[];
beforeAll(async () => {
  host = await makeHostHome(false);
  await makeCodeRuns(host.root, join(host.home, "venvs", "train"), host.home);
  sshd = await startSshd({ home: host.home });
  client = await createTestClient();
  const request = { target: targetOf(sshd), credentials: credentialsOf(sshd) };
  const connection = await client.connections.connect(request, trusting);
  syncs = createTestSyncs(client.connections, client.home);
  const { id } = await syncs.start(connection, { root: host.root, mode: "smart", wanted: false });
  await syncs.syncNow(id);
  const records = createRunRecords({ syncs, logger: silentLogger });
  const found = await Promise.all((await syncs.runs()).map((run) => records.details(run)));
  await records.close();
  runs = found
    .filter((one) => one !== undefined)
    .sort((a, b) => (a.run.createdAt ?? 0) - (b.run.createdAt ?? 0));
});
afterAll(async () => {
  await syncs.close();
  await client.dispose();
  await sshd.stop();
  await host.dispose();
});

const fileOf = async ({ run }: RunDetails, name: string): Promise<string | Buffer> =>
  (await syncs.fetch(run.syncId, `${run.folder}/${name}`)).path;

describe("two runs of the SDK that differ in one parameter and one line of code", () => {
  it("differ in that parameter and in nothing else that they tell", () => {
    expect(runs.map(({ run }) => run.alias)).toEqual(["one way", "another way"]);
    const differing = compareRuns(runs).rows.filter(({ differs }) => differs);
    expect(differing.map(({ group, name, values }) => [group, name, values])).toEqual([
      ["parameter", "lr", [0.1, 0.01]],
    ]);
  });

  it("have one file of code that changed, in that line", async () => {
    const archives = await Promise.all(runs.map((one) => fileOf(one, one.code?.snapshot ?? "")));
    const [before, after] = (await Promise.all(archives.map((one) => readSnapshot(one)))) as [
      Snapshot,
      Snapshot,
    ];
    expect(changedFiles(before, after)).toEqual([{ path: "model/net.py", change: "changed" }]);
    const texts = await Promise.all(archives.map((one) => readSnapshotFile(one, "model/net.py")));
    expect(texts.map(String)).toEqual(["relu", "gelu"].map((name) => `def net():\n    return '${name}'\n`));
  });

  it("list their logged images, which are fetched on request", async () => {
    const [first] = runs as readonly [RunDetails];
    const images = createRunImages(await fileOf(first, "events.jsonl"));
    await images.update();
    const steps = [...images.series].map(([name, all]) => [name, all.map(({ step }) => step)]);
    expect(steps).toEqual([
      ["sample", [1, 2, 3, 4]],
      ["mask", [4]],
    ]);
    const [path = ""] = images.series.get("mask")?.map((image) => image.path) ?? [];
    expect((await fileOf(first, path)).length).toBeGreaterThan(0);
  });
});
