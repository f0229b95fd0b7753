import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Emitter } from "../../../src/common/async/event.js";
import { silentLogger } from "../../../src/common/logger.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { cacheFolder, syncIdOf } from "../../../src/sync/cache/cache.js";
import { type ResumeWanted, resumeWanted } from "../../../src/sync/resumeWanted.js";
import type { LiveSync } from "../../../src/sync/liveSync.js";
import { writeRecord } from "../../../src/sync/syncRecord.js";

let dataFolder: string;
let resumed: string[];
let connections: { all: Connection[]; onDidChange: Emitter<void>["event"] };
let opened: Emitter<void>;
let watch: ResumeWanted;

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "resume-"));
  resumed = [];
  opened = new Emitter();
  connections = { all: [], onDidChange: opened.event };
  const live = (id: string) => ({ resume: () => resumed.push(id) }) as unknown as LiveSync;
  const liveSyncs = { open: (id: string) => Promise.resolve(live(id)) };
  watch = resumeWanted({ dataFolder, connections, liveSyncs, logger: silentLogger });
});
afterEach(async () => {
  watch.dispose();
  await rm(dataFolder, { recursive: true });
});

async function recordOf(host: string, root: string, wanted: boolean): Promise<string> {
  const id = syncIdOf(host, root);
  const folder = cacheFolder(dataFolder, id);
  await mkdir(folder, { recursive: true });
  const record = { connectionId: host, host, target: { host }, root, mode: "mirror", interval: 2 } as const;
  await writeRecord(folder, { ...record, wanted, keepGone: false, exclude: [] });
  return id;
}

async function connect(id: string): Promise<void> {
  connections.all.push({ id } as Connection);
  opened.fire();
  await watch.settled();
}

describe("when a host is connected to", () => {
  it("what is wanted of it goes on, and nothing else", async () => {
    const wanted = await recordOf("gpu", "/wanted", true);
    await recordOf("gpu", "/stopped", false);
    await recordOf("other", "/wanted", true);
    await connect("gpu");
    expect(resumed).toEqual([wanted]);
  });

  it("goes on once for each connection", async () => {
    const wanted = await recordOf("gpu", "/wanted", true);
    await connect("gpu");
    opened.fire();
    await watch.settled();
    expect(resumed).toEqual([wanted]);
    await connect("gpu");
    expect(resumed).toEqual([wanted, wanted]);
  });

  it("nothing goes on once this is disposed", async () => {
    await recordOf("gpu", "/wanted", true);
    watch.dispose();
    await connect("gpu");
    expect(resumed).toEqual([]);
  });
});
