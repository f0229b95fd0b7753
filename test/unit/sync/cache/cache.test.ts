import { spawnSync } from "node:child_process";
import type { Dirent } from "node:fs";
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LockHolder, thisProcess } from "../../../../src/common/files/lockHolder.js";
import { type Cache, openCache } from "../../../../src/sync/cache/cache.js";
import type { LocalIdentity } from "../../../../src/sync/manifest/localIdentity.js";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import type { Stamp } from "../../../../src/sync/remote/remoteFiles.js";

const log = "runs/a/events.jsonl";
const token = "b".repeat(24);
const quick = { heartbeat: 20, staleAge: 100, watch: 50 };

let folder: string;
let cache: Cache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cache-"));
  cache = await openCache(folder);
});
afterEach(() => rm(folder, { recursive: true }));

function stampOf(text: string, seconds = 1_700_000_000): Stamp {
  const mtime = `${seconds}.000000000`;
  return { size: text.length, mtime, ctime: mtime, inode: "7", mode: 0o644 };
}

/** Puts a file into the copy, as a transfer does. */
async function put(into: Cache, path: string, text: string, seconds?: number): Promise<void> {
  await into.files.claim(path);
  const stamp = stampOf(text, seconds);
  const local = await into.files.putWhole(path, [Buffer.from(text)], stamp);
  const known = into.manifest.get(path) ?? { path, kind: "file" };
  into.manifest.set({ ...known, kind: "file", seen: stamp, held: stamp, verified: true, local });
  await into.manifest.flush();
}

const local = (path: string): string => join(folder, "files", path);
const read = (path: string): Promise<string> => readFile(local(path), "utf8");

/** Does something to a file until its change time, which some disks round, tells that it was done. */
async function laterThanBefore(file: string, deed: () => Promise<void>): Promise<void> {
  const changedAt = async (): Promise<bigint> => (await stat(file, { bigint: true })).ctimeNs;
  const before = await changedAt();
  do await deed();
  while ((await changedAt()) === before);
}

/** As a program of another machine does that took this one for dead. */
async function takeLock(holder: Partial<LockHolder> = {}): Promise<void> {
  const another = { pid: 1, started: "1", host: "another", machine: "another", boot: "another", pids: "1" };
  const record = { ...another, ...holder, token };
  await writeFile(join(folder, "lock.taker"), JSON.stringify(record));
  await rename(join(folder, "lock.taker"), join(folder, "lock"));
}

/** A process of this machine that has ended. */
async function deadHere(): Promise<LockHolder> {
  const { pid = 0 } = spawnSync("true");
  return { ...(await thisProcess()), pid };
}

async function letGoOfLock(): Promise<void> {
  const text = await readFile(join(folder, "lock"), "utf8");
  if (text.includes(token)) await rm(join(folder, "lock"));
}

describe("a process that lost the write lock", () => {
  const large = "x".repeat(100);
  it.each<readonly [string, () => Promise<unknown>]>([
    ["puts a file in its place", () => cache.files.putWhole("a.txt", [Buffer.from("v1")], stampOf("v1"))],
    ["puts a staged file in its place", () => cache.files.putStaged("a.txt", stampOf(large))],
    ["adds to a file", () => cache.files.putAppended(log, 3, [Buffer.from("v1")], stampOf("oldv1"))],
    ["removes a file", () => cache.files.remove("a.txt", "file")],
    ["removes a folder", () => cache.files.remove("empty", "folder")],
    ["makes a folder", () => cache.files.makeFolder("new")],
    ["changes times", () => cache.files.setStamp("a.txt", stampOf("v0", 1))],
    ["moves something aside", () => cache.files.claim("theirs.txt")],
    ["notes anything", () => cache.manifest.flush()],
  ])("never %s, and does it all again when it has the lock back", async (_what, step) => {
    await writeFile(local("theirs.txt"), "theirs");
    let turns = 0;
    await cache.whileWriting(async () => {
      turns += 1;
      if (turns > 1) return;
      await put(cache, "a.txt", "v0");
      await put(cache, log, "old");
      await cache.files.makeFolder("empty");
      const staged = await cache.files.stage("a.txt", "nothing");
      await staged.write(Buffer.from(large), 0);
      await staged.close();
      cache.manifest.set({ path: "noted.txt", kind: "file", seen: stampOf("x") });
      const before = await stateOf(folder);
      await takeLock();
      const failing = step();
      await expect(failing).rejects.toThrow("was taken by another program");
      expect(await stateOf(folder)).toEqual(before);
      await letGoOfLock();
      await failing;
    });
    expect(turns).toBe(2);
  });

  it("has no file open that its successor replaces", async () => {
    const successor = await openCache(folder);
    let turns = 0;
    await cache.whileWriting(async () => {
      turns += 1;
      if (turns > 1) return;
      const stopped = await cache.files.stage("a.bin", "nothing");
      await stopped.write(Buffer.from("v1v1v1v1"), 0);
      await takeLock();
      await letGoOfLock();
      await successor.whileWriting(async () => {
        const size = await successor.files.takeStaged("a.bin");
        const file = await successor.files.stage("a.bin", size > 0 ? "staged" : "nothing");
        await file.write(Buffer.from("v2v2v2v2"), 0);
        await file.close();
        await successor.files.putStaged("a.bin", stampOf("v2v2v2v2"));
      });
      await stopped.write(Buffer.from("v1"), 2);
      await stopped.close();
      await cache.files.putStaged("a.bin", stampOf("v1v1v1v1"));
    });
    expect(turns).toBe(2);
    expect(await read("a.bin")).toBe("v2v2v2v2");
  });

  it("appends to no file that its successor has replaced", async () => {
    await cache.whileWriting(() => put(cache, log, "old\n"));
    const stopped = await open(local(log), "r+");
    await takeLock();
    await utimes(join(folder, "lock"), 1, 1);
    const successor = await openCache(folder, { lockTimes: quick });
    await successor.whileWriting(async () => {
      const text = "old\nnew\n";
      await successor.files.putAppended(log, 4, [Buffer.from("new\n")], stampOf(text));
    });
    await stopped.write("OLD!", 4);
    await stopped.close();
    expect(await read(log)).toBe("old\nnew\n");
  });

  it("loses staged data if it may still live; that of a dead process is resumed", async () => {
    const hash = "a".repeat(32);
    const staged = join(folder, "staging");
    for (const [age, left] of [
      [100_000, []],
      [0, [hash]],
    ] as const) {
      await writeFile(join(staged, `${hash}.${token}`), "part");
      await takeLock(age === 0 ? await deadHere() : {});
      const at = new Date(Date.now() - age);
      await utimes(join(folder, "lock"), at, at);
      const successor = await openCache(folder, { lockTimes: quick });
      await successor.whileWriting(() => Promise.resolve());
      expect(await readdir(staged)).toEqual(left);
    }
  });
});

describe("a file of the copy that another program modified", () => {
  it.each([
    "with as many bytes",
    "with as many bytes, and about its old time",
    "with as many bytes, and its very time",
    "in its place, a copy",
  ])("%s is compared before it is trusted", async (how) => {
    await cache.whileWriting(() => put(cache, "a.txt", "ours"));
    const { atimeMs, mtimeMs } = await stat(local("a.txt"));
    const ownTime = (): Promise<void> => utimes(local("a.txt"), atimeMs / 1_000, mtimeMs / 1_000);
    if (how === "in its place, a copy") {
      await copyFile(local("a.txt"), local("b.txt"));
      await rename(local("b.txt"), local("a.txt"));
      await ownTime();
    } else await writeFile(local("a.txt"), "them");
    if (how.endsWith("very time")) await laterThanBefore(local("a.txt"), ownTime);
    if (how.endsWith("old time")) await utimes(local("a.txt"), atimeMs / 1_000, mtimeMs / 1_000 + 0.001);
    const later = await openCache(folder);
    await later.whileWriting(() => Promise.resolve());
    expect(later.manifest.get("a.txt")).toMatchObject({ held: stampOf("ours"), verified: false });
  });

  it("is trusted if it was not modified", async () => {
    await cache.whileWriting(() => put(cache, "a.txt", "ours"));
    const later = await openCache(folder);
    await later.whileWriting(() => Promise.resolve());
    expect(later.manifest.get("a.txt")).toMatchObject({ held: stampOf("ours"), verified: true });
  });

  it.each<readonly [string, () => Promise<LocalIdentity | undefined>]>([
    ["put whole", () => cache.files.putWhole(log, [Buffer.from("ours")], stampOf("ours"))],
    ["added to", () => cache.files.putAppended(log, 4, [Buffer.from("more")], stampOf("oursmore"))],
    ["given its times again", () => cache.files.setStamp(log, { ...stampOf("ours", 1), mode: 0o600 })],
    [
      "put after it was staged",
      async () => {
        const staged = await cache.files.stage(log, "present");
        await staged.write(Buffer.from("them"), 0);
        await staged.close();
        return cache.files.putStaged(log, stampOf("them"));
      },
    ],
  ])("is not taken for such a file after it was %s", async (_how, step) => {
    await cache.whileWriting(async () => {
      await put(cache, log, "ours");
      const noted = await step();
      expect(await cache.files.look(log)).toEqual(noted);
    });
  });

  it("is trusted, and its ctime recorded, if an earlier version did not record it", async () => {
    await cache.whileWriting(() => put(cache, "a.txt", "ours"));
    const { local: whole } = cache.manifest.get("a.txt") as ManifestEntry;
    const manifest = await readFile(join(folder, "manifest.jsonl"), "utf8");
    await writeFile(join(folder, "manifest.jsonl"), manifest.replace(/,"c":".*?"/, ""));
    const later = await openCache(folder);
    expect(later.manifest.get("a.txt")?.local?.ctime).toBeUndefined();
    await later.whileWriting(() => Promise.resolve());
    expect(later.manifest.get("a.txt")).toMatchObject({ verified: true, local: whole });
    expect(whole?.ctime).toBe(String((await stat(local("a.txt"), { bigint: true })).ctimeNs));
  });

  it.each([
    [1_700_000_000, true],
    [1_700_000_100, false],
  ])("and was copied by an earlier version is judged by its time: %d", async (seconds, verified) => {
    await cache.whileWriting(() => put(cache, "a.txt", "ours"));
    const manifest = await readFile(join(folder, "manifest.jsonl"), "utf8");
    await writeFile(join(folder, "manifest.jsonl"), manifest.replace(/,"i":\[.*?\](?:,"c":".*?")?/, ""));
    await utimes(local("a.txt"), seconds, seconds);
    const later = await openCache(folder);
    expect(later.manifest.get("a.txt")).toMatchObject({ local: undefined, verified: true });
    await later.whileWriting(() => Promise.resolve());
    expect(later.manifest.get("a.txt")?.verified).toBe(verified);
  });
});

describe("what is not ours", () => {
  const aside = async (): Promise<string[]> => {
    const [begun] = await readdir(join(folder, "set-aside")).catch(() => []);
    return begun === undefined ? [] : readdir(join(folder, "set-aside", begun));
  };

  it("is moved aside when it is in the way of a file or folder", async () => {
    await writeFile(local("file.txt"), "mine");
    await mkdir(local("folder/notes"), { recursive: true });
    await writeFile(local("folder/notes/a.txt"), "mine");
    await mkdir(local("empty/empty"), { recursive: true });
    await writeFile(local("runs"), "mine");
    await cache.whileWriting(async () => {
      for (const path of ["file.txt", "folder", "empty"]) await put(cache, path, "the host's");
      await cache.files.makeFolder("runs");
    });
    expect((await aside()).sort()).toEqual(["file.txt", "folder", "runs"]);
    for (const path of ["file.txt", "folder", "empty"]) expect(await read(path)).toBe("the host's");
    expect(await readdir(local("runs"))).toEqual([]);
  });

  it("stays when what is ours around it goes", async () => {
    await cache.whileWriting(async () => {
      await put(cache, "runs/a.txt", "ours");
      await cache.files.makeFolder("runs/empty");
    });
    await writeFile(local("runs/notes.txt"), "mine");
    await mkdir(local("b.txt"));
    await writeFile(local("b.txt/notes.txt"), "mine");
    await cache.whileWriting(async () => {
      await cache.files.remove("runs/a.txt", "file");
      await cache.files.remove("runs/empty", "folder");
      await cache.files.remove("runs", "folder");
      await cache.files.remove("b.txt", "file");
    });
    expect(await readdir(local("runs"))).toEqual(["notes.txt"]);
    expect(await readdir(local("b.txt"))).toEqual(["notes.txt"]);
  });

  it("is told from our own file where the host has a folder now", async () => {
    await cache.whileWriting(async () => {
      await put(cache, "a", "ours");
      const { local: identity, path } = cache.manifest.get("a") as ManifestEntry;
      cache.manifest.set({ path, kind: "folder", seen: stampOf(""), local: identity });
      await cache.files.makeFolder("a");
    });
    expect((await stat(local("a"))).isDirectory()).toBe(true);
    expect(await aside()).toEqual([]);
  });
});

/** Every file of the copy with what is in it, without the lock and what nobody else sees. */
async function stateOf(copy: string): Promise<readonly string[]> {
  const names = await readdir(copy, { recursive: true, withFileTypes: true });
  const isSeen = ({ name, parentPath }: Dirent): boolean =>
    !name.startsWith("lock") && !parentPath.endsWith("staging");
  const files = names.filter((one) => one.isFile() && isSeen(one));
  const lines = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    return `${file} ${(await stat(file)).mtimeMs} ${await readFile(file, "utf8")}`;
  });
  return [
    ...(await Promise.all(lines)).sort(),
    ...names.filter((one) => one.isDirectory()).map(({ name }) => name),
  ];
}
