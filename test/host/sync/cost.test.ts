import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect } from "vitest";
import type { Syncs } from "../../../src/sync/syncs.js";
import type { TestClient } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { makeOldRuns } from "../../support/oldRuns.js";
import { processesIn, processorTime } from "../../support/processes.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** `npm run test:sync-large` takes a hundred thousand files and ten minutes. */
const isLong = process.env["SYNC_LARGE"] === "1";
const runs = isLong ? 10_000 : 500;
const filesOfRun = 10;
const seconds = isLong ? 600 : 15;
/** Of one processor. */
const allowed = 0.02;

let sshd: Sshd;
let client: TestClient;
let folder: string;
let syncs: Syncs;
it.beforeAll(async ({ server, client: person, syncs: copies }) => {
  [sshd, client, syncs] = [server, person, copies];
  folder = await mkdtemp(join(tmpdir(), "cost-"));
});
afterAll(async () => {
  await syncs.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function helperTime(): Promise<number> {
  const [helper] = (await processesIn(sshd.home)).filter(({ commandLine }) =>
    commandLine.includes("zlib.compress"),
  );
  return processorTime(helper?.pid ?? 0);
}

it(`a mirror of ${runs * filesOfRun} files costs the host little while nothing changes, and follows what does`, async () => {
  const root = join(folder, "root");
  await mkdir(root);
  makeOldRuns(root, runs, filesOfRun);
  const live = join(root, "runs/group-0/live");
  await mkdir(live);
  await writeFile(join(live, "meta.json"), "{}");
  const connection = await client.connectTo(sshd);
  const { id } = await syncs.start(connection, { root, mode: "mirror", interval: 2 });
  await until(
    "everything is here",
    async () => (await syncs.get(id))?.state.kind === "waiting",
    isLong ? 600_000 : 60_000,
  );
  // What the first listing cost is made up for.
  await delay(2_000);
  const startedAt = Date.now();
  const before = await helperTime();
  await delay(seconds * 1_000);
  const used = ((await helperTime()) - before) / (Date.now() - startedAt);
  console.log(`${runs * filesOfRun} files: ${(used * 100).toFixed(2)} % of a processor of the host`);
  expect(used).toBeLessThan(allowed);

  const here = (path: string): Promise<string> =>
    readFile(join(syncs.folder(id), path), "utf8").catch(() => "");
  const changedAt = Date.now();
  await appendFile(join(live, "events.jsonl"), "1\n");
  await until(
    "the live run is followed",
    async () => (await here("runs/group-0/live/events.jsonl")) === "1\n",
  );
  await mkdir(join(root, "runs/group-1/new/media"), { recursive: true });
  await writeFile(join(root, "runs/group-1/new/media/1.png"), "new");
  await until("a new run is found", async () => (await here("runs/group-1/new/media/1.png")) === "new");
  console.log(`a live run and a new one were here after ${Date.now() - changedAt} ms`);
  const resumed = "runs/group-2/00000002/events.jsonl";
  await appendFile(join(root, resumed), "resumed\n");
  const resumedAt = Date.now();
  await until(
    "an old run that goes on is found",
    async () => (await here(resumed)).endsWith("resumed\n"),
    300_000,
  );
  console.log(`an old run that went on was here after ${Date.now() - resumedAt} ms`);
  // Whoever asks for it need not wait for its turn.
  const old = "runs/group-3/00000003/logs.txt";
  await appendFile(join(root, old), "asked for\n");
  await syncs.syncNow(id);
  expect((await here(old)).endsWith("asked for\n")).toBe(true);
}, 2_000_000);
