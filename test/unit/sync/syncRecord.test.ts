import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noteSynced, noteWanted, readRecord, writeRecord } from "../../../src/sync/syncRecord.js";

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

describe("the record of a synchronised root", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "record-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is read as it was written, with nothing copied yet", async () => {
    await writeRecord(folder, record);
    expect(await readRecord(folder)).toEqual({ record, syncedAt: 0 });
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

  it("is none where there is none, and none is made by what is wanted", async () => {
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
