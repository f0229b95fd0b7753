import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Syncs } from "../../../src/sync/syncs.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig, type SyncRig, createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

const run = "runs/vision/resnet/20260101_000000_aaaaaa";
const files = [...["meta.json", "status.json", "events.jsonl", "logs.txt", "media/1.png", "media/2.png"]].map(
  (name) => `${run}/${name}`,
);

describe("while a mirror runs, what somebody does to the copy is made good:", () => {
  let rig: SyncRig;
  let folder: string;
  let copy: string;
  let syncs: Syncs;
  beforeAll(async () => {
    rig = await createSyncRig();
    folder = await mkdtemp(join(tmpdir(), "damaged-"));
    for (const file of files) {
      await mkdir(dirname(join(rig.root, file)), { recursive: true });
      await writeFile(join(rig.root, file), `the text of ${file}`);
    }
    await mkdir(join(rig.root, "empty/inner"), { recursive: true });
    // Of files that changed a moment ago it cannot be told whether they are as they were.
    const past = new Date("2026-01-01T00:00:00Z");
    for (const file of files) await utimes(join(rig.root, file), past, past);
    syncs = createTestSyncs(rig.client.connections, join(folder, "data"));
    const { id } = await syncs.start(rig.connection, { root: rig.root, mode: "mirror", interval: 0.1 });
    copy = syncs.folder(id);
    await until("everything is here", equal);
  });
  afterAll(async () => {
    await syncs.close();
    await rig.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const equal = async (): Promise<boolean> => (await differences(rig.root, copy)).length === 0;
  const at = (path: string): string => join(copy, path);

  it.each<{ readonly what: string; readonly damage: () => Promise<void> }>([
    { what: "a file is removed", damage: () => rm(at(`${run}/logs.txt`)) },
    { what: "a file is cut", damage: () => truncate(at(`${run}/logs.txt`), 5) },
    { what: "a file has other bytes", damage: () => writeFile(at(`${run}/meta.json`), "X".repeat(64)) },
    {
      what: "a file has as many other bytes",
      damage: () => writeFile(at(`${run}/meta.json`), "x".repeat(`the text of ${run}/meta.json`.length)),
    },
    {
      what: "a file has as many other bytes, and the time that it had",
      damage: async () => {
        const { atimeMs, mtimeMs } = await stat(at(`${run}/meta.json`));
        await writeFile(at(`${run}/meta.json`), "x".repeat(`the text of ${run}/meta.json`.length));
        await utimes(at(`${run}/meta.json`), atimeMs / 1_000, mtimeMs / 1_000);
      },
    },
    { what: "a run is moved away", damage: () => rename(at(run), join(folder, "moved")) },
    { what: "a folder without files is removed", damage: () => rm(at("empty"), { recursive: true }) },
    {
      what: "a file stands where a folder was",
      damage: async () => {
        await rm(at(`${run}/media`), { recursive: true });
        await writeFile(at(`${run}/media`), "somebody's");
      },
    },
    {
      what: "a folder stands where a file was",
      damage: async () => {
        await rm(at(`${run}/meta.json`));
        await mkdir(at(`${run}/meta.json`));
      },
    },
    {
      what: "a folder of somebody's stands where a file was",
      damage: async () => {
        await rm(at(`${run}/status.json`));
        await mkdir(at(`${run}/status.json`));
        await writeFile(at(`${run}/status.json/mine.txt`), "somebody's");
        await chmod(at(`${run}/status.json/mine.txt`), 0o600);
      },
    },
  ])("$what", async ({ damage }) => {
    await damage();
    await until("it is as on the host again", equal);
    expect(await readdir(at(run))).toHaveLength(5);
  });
});
