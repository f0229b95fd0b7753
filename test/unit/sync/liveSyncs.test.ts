import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import type { Connections } from "../../../src/ssh/connections.js";
import { cacheFolder, syncIdOf } from "../../../src/sync/cache/cache.js";
import { createLiveSyncs, type LiveSyncs } from "../../../src/sync/liveSyncs.js";
import { shareRemoteFiles } from "../../../src/sync/helper/openRemoteFiles.js";
import { writeRecord } from "../../../src/sync/syncRecord.js";

let dataFolder: string;
let changed: string[];
let liveSyncs: LiveSyncs;

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "lives-"));
  changed = [];
  liveSyncs = createLiveSyncs({
    dataFolder,
    connections: { all: [], get: () => undefined } as unknown as Connections,
    connectAgain: () => Promise.reject(new Error("no host here")),
    logger: silentLogger,
    openFiles: shareRemoteFiles(),
    openSingleFiles: shareRemoteFiles(),
    onDemandLimit: () => 0,
    onDidChange: (id) => changed.push(id),
  });
});
afterEach(async () => {
  await liveSyncs.closeAll();
  await rm(dataFolder, { recursive: true });
});

async function recordOf(root: string): Promise<string> {
  const id = syncIdOf("me@gpu:22", root);
  const folder = cacheFolder(dataFolder, id);
  await mkdir(folder, { recursive: true });
  const target = { host: "gpu" };
  const keeping = { mode: "mirror", interval: 2, wanted: false, keepGone: false, exclude: [] } as const;
  await writeRecord(folder, { connectionId: "me@gpu:22", host: "gpu", target, root, ...keeping });
  return id;
}

describe("the roots of this machine's copies", () => {
  it("are opened once, by whoever asks first", async () => {
    const id = await recordOf("/data");
    const [one, other] = await Promise.all([liveSyncs.open(id), liveSyncs.open(id)]);
    expect(one?.sync.root).toBe("/data");
    expect(other).toBe(one);
    expect(await liveSyncs.opened()).toEqual([one]);
  });

  it("are all found, whoever synchronised them", async () => {
    await recordOf("/a");
    await recordOf("/b");
    expect((await liveSyncs.all()).map(({ sync }) => sync.root).sort()).toEqual(["/a", "/b"]);
  });

  it("are not remembered as missing: a record may come later", async () => {
    const id = syncIdOf("me@gpu:22", "/later");
    await expect(liveSyncs.existing(id)).rejects.toMatchObject({ detail: { code: "sync-not-known", id } });
    await recordOf("/later");
    expect((await liveSyncs.existing(id)).sync.root).toBe("/later");
  });

  it("are gone from disk when they are forgotten", async () => {
    const id = await recordOf("/data");
    await liveSyncs.forget(id);
    expect(await liveSyncs.open(id)).toBeUndefined();
    await expect(stat(cacheFolder(dataFolder, id))).rejects.toThrow();
    expect(changed).toContain(id);
  });

  it("are named by ids only: another folder is neither read nor removed", async () => {
    const id = await recordOf("/data");
    await liveSyncs.forget(`../sync/${id}`);
    expect((await liveSyncs.open(id))?.sync.root).toBe("/data");
    expect(await liveSyncs.open(`../sync/${id}`)).toBeUndefined();
  });
});
