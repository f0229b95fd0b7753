import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import type { Connections } from "../../../src/ssh/connections.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { createSyncs, type Syncs } from "../../../src/sync/syncs.js";

let dataFolder: string;
let syncs: Syncs;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "syncs-"));
  const connections = { all: [], get: () => undefined, onDidChange: () => ({ dispose: () => undefined }) };
  syncs = createSyncs({
    dataFolder,
    connections: connections as unknown as Connections,
    connectAgain: () => Promise.reject(new Error("no host here")),
    logger: silentLogger,
  });
});
afterEach(async () => {
  await syncs.close();
  await rm(dataFolder, { recursive: true });
});

it("A root of another machine is never read as if it lay here", async () => {
  const gpu = { id: "ada@gpu:22", target: { host: "gpu" } } as Connection;
  await expect(syncs.start(gpu, { root: "/etc", mode: "in-place" })).rejects.toThrow(RangeError);
  expect(await readdir(dataFolder)).toEqual([]);
});
