import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setImmediate as turn } from "node:timers/promises";
import { thisMachine } from "../../../src/ssh/model/thisMachine.js";
import { acquireLock } from "../../../src/common/files/lock.js";
import { cacheFolder, syncIdOf } from "../../../src/sync/cache/cache.js";
import {
  createKeepsGone,
  noteRecord,
  noteSynced,
  noteWanted,
  readRecord,
  writeRecord,
} from "../../../src/sync/syncRecord.js";

const record = {
  connectionId: "me@gpu:22",
  host: "gpu",
  target: { host: "gpu" },
  root: "/data",
  mode: "mirror",
  interval: 2,
  wanted: true,
  keepGone: true,
  exclude: ["*.pt"],
} as const;

describe("the record of a synced root", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "record-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is read as it was written, with nothing copied yet", async () => {
    await writeRecord(folder, record);
    expect(await readRecord(folder)).toEqual({ record, syncedAt: 0 });
  });

  it("of a root that is read in place can only be one of this machine", async () => {
    const inPlace = { ...record, mode: "in-place", host: thisMachine.host, target: thisMachine } as const;
    await writeRecord(folder, inPlace);
    expect(await readRecord(folder)).toEqual({ record: inPlace, syncedAt: 0 });
    await writeRecord(folder, { ...inPlace, target: { host: "gpu" } });
    expect(await readRecord(folder)).toBeUndefined();
  });

  it("keeps the time of the copy when it is no longer wanted", async () => {
    await writeRecord(folder, record);
    await noteSynced(folder, 1_700_000_000_000);
    await noteWanted(folder, false);
    const expected = { record: { ...record, wanted: false }, syncedAt: 1_700_000_000_000 };
    expect(await readRecord(folder)).toEqual(expected);
  });

  it("of an older version wants nothing, and keeps and excludes nothing", async () => {
    await writeRecord(folder, record);
    const file = join(folder, "sync.json");
    const { connectionId, host, target, root, mode, interval } = record;
    await writeFile(file, JSON.stringify({ connectionId, host, target, root, mode, interval }));
    expect((await readRecord(folder))?.record).toEqual({
      ...record,
      wanted: false,
      keepGone: false,
      exclude: [],
    });
  });

  it("always says whether deleted files are kept, and that they are if it is unknown", async () => {
    const keepsGone = createKeepsGone(folder);
    expect(await keepsGone()).toBe(true);
    await writeRecord(folder, { ...record, keepGone: false });
    expect(await keepsGone()).toBe(false);
    await writeRecord(folder, record);
    expect(await keepsGone()).toBe(true);
    await writeRecord(folder, { ...record, keepGone: false });
    expect(await keepsGone()).toBe(false);
    await writeFile(join(folder, "sync.json"), "{");
    expect(await keepsGone()).toBe(true);
  });

  it("is missing if there is none, and is not created by a wish", async () => {
    await noteWanted(folder, true);
    expect(await readRecord(folder)).toBeUndefined();
  });

  it.each(["", "{", "null", "[]", '{"wanted": true}', '{"connectionId": 1}'])(
    "is none in %j",
    async (text) => {
      await writeFile(join(folder, "sync.json"), text);
      expect(await readRecord(folder)).toBeUndefined();
    },
  );
});

describe("a record that several change", () => {
  const connection = { id: record.connectionId, target: record.target };
  const request = { root: record.root, mode: record.mode };
  let dataFolder: string;
  let folder: string;
  let file: string;
  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), "records-"));
    folder = cacheFolder(dataFolder, syncIdOf(record.connectionId, record.root));
    file = join(folder, "sync.json");
    await noteRecord(dataFolder, connection, request);
  });
  afterEach(() => rm(dataFolder, { recursive: true }));

  it("loses no change of any", async () => {
    const lock = await acquireLock(`${file}.lock`);
    const changes = [
      noteRecord(dataFolder, connection, { ...request, exclude: ["*.pt"] }),
      noteWanted(folder, true),
      noteRecord(dataFolder, connection, { ...request, keepGone: true }),
    ];
    await lock.release();
    await Promise.all(changes);
    expect((await readRecord(folder))?.record).toMatchObject({
      exclude: ["*.pt"],
      wanted: true,
      keepGone: true,
    });
  });

  it("waits for the lock even if nothing changes", async () => {
    const lock = await acquireLock(`${file}.lock`);
    const done: string[] = [];
    const same = noteRecord(dataFolder, connection, request).then(() => done.push("same"));
    for (let turns = 0; turns < 100; turns += 1) await turn();
    expect(done).toEqual([]);
    await lock.release();
    await same;
  });

  it("is left as it is where it cannot be read", async () => {
    await writeFile(file, "{ half");
    const noted = noteRecord(dataFolder, connection, request);
    await expect(noted).rejects.toMatchObject({ detail: { code: "sync-record-unreadable", file } });
    await expect(noteWanted(folder, false)).rejects.toMatchObject({
      detail: { code: "sync-record-unreadable" },
    });
    expect(await readFile(file, "utf8")).toBe("{ half");
  });
});
