import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFiles } from "../../../src/files/files.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { processesIn } from "../../support/processes.js";
import { differences } from "../../support/rsync.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

let stage: ConnectedHost;
let syncs: Syncs;
let viewers: Viewers;
let folder: string;
beforeAll(async () => {
  stage = await connectHost();
  viewers = createTestViewers(stage.client);
  folder = await mkdtemp(join(tmpdir(), "many-mirrors-"));
  syncs = createTestSyncs(stage.client.connections, join(folder, "data"));
});
afterAll(async () => {
  await syncs.close();
  await viewers.stopAll();
  await stage.dispose();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const helpers = async (): Promise<number> =>
  (await processesIn(stage.server.home)).filter(({ commandLine }) => commandLine.includes("zlib.compress"))
    .length;

it("twelve mirrors on one connection share one helper, and nothing else on it waits", async () => {
  const { connection } = stage;
  const roots = Array.from({ length: 12 }, (_, index) => join(folder, `root-${index}`));
  for (const root of roots) {
    await mkdir(join(root, "runs/a/1"), { recursive: true });
    await writeFile(join(root, "runs/a/1/meta.json"), root);
    await writeFile(join(root, "model.bin"), Buffer.alloc(8 << 20, root));
  }
  const started = await Promise.all(
    roots.map((root) => syncs.start(connection, { root, mode: "mirror", interval: 0.1 })),
  );
  // While all of them copy.
  const { entries } = await createFiles().list(connection, folder);
  expect(entries.length).toBeGreaterThanOrEqual(12);
  const viewer = await viewers.start(connection, { environment: stage.train, root: roots[0] ?? "" });
  expect(viewer.state.kind).toBe("running");
  const isEqual = async (index: number): Promise<boolean> =>
    (await differences(roots[index] ?? "", syncs.folder(started[index]?.id ?? ""))).length === 0;
  for (const index of roots.keys()) await until(`mirror ${index} is equal`, () => isEqual(index));
  for (const root of roots) await appendFile(join(root, "runs/a/1/events.jsonl"), "1\n");
  for (const index of roots.keys()) await until(`mirror ${index} follows`, () => isEqual(index));
  expect(await helpers()).toBe(1);

  // Whoever opens a file waits for none of them.
  await syncs.fetch(started[0]?.id ?? "", "model.bin");

  // One that stops takes nothing from the others; the last one ends the helper.
  await syncs.stop(started[0]?.id ?? "");
  await appendFile(join(roots[1] ?? "", "runs/a/1/events.jsonl"), "2\n");
  await until("the second one still follows", () => isEqual(1));
  for (const { id } of started) await syncs.stop(id);
  await until("the helper has ended", async () => (await helpers()) === 0);
});
