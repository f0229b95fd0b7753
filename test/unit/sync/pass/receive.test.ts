import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cache, openCache } from "../../../../src/sync/cache/cache.js";
import { beginWriting } from "../../../support/files/copy.js";
import { receive, type Receiver } from "../../../../src/sync/pass/receive.js";
import { NotReadable } from "../../../../src/sync/remote/notReadable.js";
import type { Stamp } from "../../../../src/sync/remote/remoteFiles.js";

const mebibyte = 1024 * 1024;
const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

let folder: string;
let cache: Cache;
let done: () => Promise<void>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "receive-"));
  cache = await openCache(folder);
  done = await beginWriting(cache);
});
afterEach(async () => {
  await done();
  await rm(folder, { recursive: true });
});

function stampOf(size: number): Stamp {
  return { size, mtime: "1700000000.000000000", ctime: "1700000000.000000000", inode: "7", mode: 0o644 };
}

async function begun(path: string, stamp: Stamp, start = 0): Promise<Receiver> {
  const { held } = cache.manifest.get(path) ?? {};
  const receiver = await receive({ path, kind: "file", seen: stamp, held }, cache.files, cache.manifest);
  await receiver.take({ kind: "begin", index: 0, start, stamp, age: 60 });
  return receiver;
}

const read = (path: string): Promise<string> => readFile(join(folder, "files", path), "utf8");

describe("a received file", () => {
  it("is stored if it is complete and its checksum matches", async () => {
    const receiver = await begun("a.txt", stampOf(3));
    await receiver.take({ kind: "data", index: 0, bytes: Buffer.from("abc") });
    expect(await receiver.take({ kind: "done", index: 0, digest: sha256("abc") })).toBe("stored");
    expect(await read("a.txt")).toBe("abc");
    expect(cache.manifest.get("a.txt")).toMatchObject({ held: stampOf(3), verified: true });
  });

  it.each([
    ["small", 1_000],
    ["large", 3 * mebibyte],
  ])("that is %s is not stored if it is too short, or its checksum differs", async (_name, size) => {
    const bytes = Buffer.alloc(size, "x");
    const short = await begun("a.bin", stampOf(size));
    await short.take({ kind: "data", index: 0, bytes: bytes.subarray(1) });
    expect(await short.take({ kind: "done", index: 0, digest: undefined })).toBe("changing");
    const other = await begun("a.bin", stampOf(size));
    await other.take({ kind: "data", index: 0, bytes });
    expect(await other.take({ kind: "done", index: 0, digest: sha256("another") })).toBe("changing");
    expect(await readdir(join(folder, "files"))).toEqual([]);
    expect(await readdir(join(folder, "staging"))).toEqual([]);
    expect(cache.manifest.get("a.bin")?.held).toBeUndefined();
  });

  it("with more bytes than announced is not read further", async () => {
    const receiver = await begun("a.bin", stampOf(10));
    const bytes = Buffer.alloc(11);
    await expect(receiver.take({ kind: "data", index: 0, bytes })).rejects.toBeInstanceOf(NotReadable);
  });

  it("without a header is not read", async () => {
    const receiver = await receive(
      { path: "a", kind: "file", seen: stampOf(1) },
      cache.files,
      cache.manifest,
    );
    const bytes = Buffer.alloc(1);
    await expect(receiver.take({ kind: "data", index: 0, bytes })).rejects.toBeInstanceOf(NotReadable);
    await expect(receiver.take({ kind: "done", index: 0, digest: undefined })).rejects.toThrow();
  });

  it("appended to a local log leaves that unchanged if the checksum differs", async () => {
    const path = "runs/a/events.jsonl";
    const start = 5 * mebibyte;
    const log = Buffer.alloc(start, "l");
    const local = await cache.files.putWhole(path, [log], stampOf(start));
    const stamp = stampOf(start);
    cache.manifest.set({ path, kind: "file", seen: stamp, held: stamp, verified: true, local });
    const more = Buffer.alloc(5 * mebibyte, "m");
    const receiver = await begun(path, stampOf(start + more.length), start);
    await receiver.take({ kind: "data", index: 0, bytes: more });
    expect(await receiver.take({ kind: "done", index: 0, digest: sha256("another") })).toBe("changing");
    expect((await read(path)) === log.toString()).toBe(true);
    expect(cache.manifest.get(path)?.held).toEqual(stampOf(start));
  });
});
