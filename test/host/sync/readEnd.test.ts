import { appendFile, open, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EndPiece, type EndPlace, readEndThere } from "../../../src/sync/readEnd.js";
import { createSyncRig, type SyncRig } from "../../support/syncRig.js";

const most = 256 * 1024;

describe.each([
  ["Python", {}],
  ["POSIX tools", { withoutPython: true }],
  ["busybox", { busyboxOnly: true }],
])("the end of a large log, by %s", (_, options) => {
  let rig: SyncRig;
  let log: string;
  beforeAll(async () => {
    rig = await createSyncRig(options);
    log = join(rig.root, "logs.txt");
    // As large as those that are, and nothing on the disk but its end.
    await writeFile(log, "");
    await truncate(log, 300 * 1024 * 1024);
    await appendFile(log, `${"y".repeat(1_000)}\nthe last line\n`);
  });
  afterAll(() => rig.dispose());

  const read = (from?: EndPlace, signal?: AbortSignal): Promise<EndPiece> =>
    readEndThere(
      { remote: rig.remote, root: rig.root, path: "logs.txt", host: "gpu" },
      { from, most, signal },
    );

  it("is fetched without the rest, followed by new data", async () => {
    const before = rig.remote.received;
    const first = await read();
    expect(first.bytes.length).toBe(most);
    expect(first.bytes.toString().endsWith("\nthe last line\n")).toBe(true);
    expect(first).toMatchObject({ isAnew: false, leftOut: 300 * 1024 * 1024 + 1_015 - most });
    expect(rig.remote.received - before).toBeLessThan(2 * most);
    expect((await read(first.place)).bytes.length).toBe(0);
    await appendFile(log, "more\n");
    const second = await read(first.place);
    expect(second).toMatchObject({ isAnew: false, leftOut: 0 });
    expect(second.bytes.toString()).toBe("more\n");
    expect((await read(second.place)).bytes.length).toBe(0);
  });

  it("begins anew where the log was rewritten longer, as another file or in its place, or is shorter", async () => {
    await writeFile(log, "old line\n".repeat(50));
    const { place } = await read();
    const file = await open(log, "r+");
    await file.write(Buffer.from("new line\n".repeat(200)), 0, 1_800, 0);
    await file.close();
    const rewritten = await read(place);
    expect(rewritten).toMatchObject({ isAnew: true, leftOut: 0 });
    expect(rewritten.bytes.toString()).toBe("new line\n".repeat(200));
    await writeFile(`${log}.new`, "another\n".repeat(1_000));
    await rename(`${log}.new`, log);
    const another = await read(rewritten.place);
    expect(another).toMatchObject({ isAnew: true });
    expect(another.bytes.toString()).toBe("another\n".repeat(1_000));
    await writeFile(log, "short\n");
    const short = await read(another.place);
    expect(short).toMatchObject({ isAnew: true });
    expect(short.bytes.toString()).toBe("short\n");
  });

  it("leaves out what came too fast, and says how much", async () => {
    await writeFile(log, "first\n");
    const { place } = await read();
    await appendFile(log, "z".repeat(3 * most));
    const piece = await read(place);
    expect(piece).toMatchObject({ isAnew: false, leftOut: 2 * most });
    expect(piece.bytes.length).toBe(most);
  });

  it("does not fetch all of a large log that was rewritten", async () => {
    await truncate(log, 0);
    await truncate(log, 200 * 1024 * 1024);
    await appendFile(log, "end\n");
    const { place } = await read();
    const file = await open(log, "r+");
    await file.write(Buffer.from("x".repeat(4)), 0, 4, place.offset - 4);
    await file.close();
    await appendFile(log, "after\n");
    const before = rig.remote.received;
    const piece = await read(place);
    expect(piece.isAnew).toBe(true);
    expect(piece.bytes.toString().endsWith("xxxxafter\n")).toBe(true);
    console.log(`${rig.remote.received - before} bytes came for the end of a rewritten log`);
    expect(rig.remote.received - before).toBeLessThan(16 * 1024 * 1024);
  });

  it("is empty of an empty log, and says that there is none", async () => {
    await writeFile(log, "");
    const { place, bytes } = await read();
    expect(bytes.length).toBe(0);
    await appendFile(log, "first\n");
    expect((await read(place)).bytes.toString()).toBe("first\n");
    await rm(log);
    await expect(read()).rejects.toMatchObject({ detail: { code: "sync-file-missing" } });
  });

  it("can be given up", async () => {
    await writeFile(log, "first\n");
    await expect(read(undefined, AbortSignal.abort())).rejects.toThrow();
  });
});
