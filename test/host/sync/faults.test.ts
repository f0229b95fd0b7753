import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCache } from "../../../src/sync/cache/cache.js";
import { createLinkSpeed } from "../../../src/sync/remote/linkSpeed.js";
import { runPass } from "../../../src/sync/pass/pass.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import { ensureProgram } from "../../support/packages.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig, type SyncRig, createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";
import { mountDisk, unmount } from "../../support/files/mount.js";

const mebibyte = 1024 * 1024;
const isRoot = process.getuid?.() === 0;

describe("a full disk", () => {
  let rig: SyncRig;
  let disk: string;
  beforeAll(async () => {
    rig = await createSyncRig();
    disk = await mkdtemp(join(tmpdir(), "disk-"));
    if (isRoot) mountDisk("size=8m", disk);
  });
  afterAll(async () => {
    if (isRoot) await unmount(disk);
    await rig.dispose();
    await rm(disk, { recursive: true, force: true });
  });

  it.skipIf(!isRoot)(
    "is told before anything is copied, or when it fills up; there is room: equal",
    async () => {
      const cache = await openCache(join(disk, "cache"));
      const { remote, root } = rig;
      const pass = () =>
        runPass({
          remote,
          cache,
          root,
          mode: "mirror",
          link: createLinkSpeed(),
          signal: new AbortController().signal,
        });
      await writeFile(join(root, "large.bin"), Buffer.alloc(20 * mebibyte));
      await writeFile(join(root, "small.txt"), "small");
      await expect(pass()).rejects.toMatchObject({
        detail: { code: "sync-no-space", needed: 20 * mebibyte + 5 },
      });
      expect(await readdir(join(disk, "cache", "files"))).toEqual([]);

      // Less than is free, but every file takes a whole page there.
      await rm(join(root, "large.bin"));
      for (let index = 0; index < 3_000; index += 1)
        await writeFile(join(root, `${index}.txt`), String(index));
      await expect(pass()).rejects.toMatchObject({ detail: { code: "sync-no-space" } });
      for (const name of (await readdir(join(disk, "cache", "files"))).filter((one) => /^\d/.test(one))) {
        expect(await readFile(join(disk, "cache", "files", name), "utf8")).toBe(name.replace(".txt", ""));
      }
      execFileSync("mount", ["-o", "remount,size=64m", disk]);
      await pass();
      expect(await differences(root, join(disk, "cache", "files"))).toEqual([]);
    },
  );
});

describe("a large file on a bad link", () => {
  it("goes on where it stopped", async () => {
    const rig = await createSyncRig();
    const file = join(rig.root, "model.bin");
    await writeFile(file, Buffer.from(Array.from({ length: 24 * mebibyte }, (_, index) => index % 251)));
    const stop = new AbortController();
    const staged = join(rig.cacheFolder, "staging");
    const bytesStaged = (): number =>
      Number(execFileSync("du", ["-sb", "--apparent-size", staged]).toString().split("\t")[0]);
    const interrupted = rig.pass("mirror", stop.signal).catch((error: unknown) => error);
    await until("a part is here", () => bytesStaged() > 6 * mebibyte);
    stop.abort();
    await interrupted;
    if ((await readdir(rig.copy)).length === 0) {
      const { transferredBytes } = await rig.pass();
      expect(transferredBytes).toBeLessThan(20 * mebibyte);
    }
    expect(await differences(rig.root, rig.copy)).toEqual([]);
    await rig.dispose();
  });
});

describe("two windows on one cache", () => {
  it("write one after the other, and both show the same", async () => {
    const rig = await createSyncRig();
    const data = join(rig.cacheFolder, "shared");
    const open = (): Syncs => createTestSyncs(rig.client.connections, data);
    const windows = [open(), open()];
    const request = { root: rig.root, mode: "mirror", interval: 0.02 } as const;
    await mkdir(join(rig.root, "runs/a/20260101_000000_aaaaaa"), { recursive: true });
    await writeFile(join(rig.root, "runs/a/20260101_000000_aaaaaa/meta.json"), "{}");
    const [one, other] = await Promise.all(windows.map((syncs) => syncs.start(rig.connection, request)));
    expect(one?.id).toBe(other?.id);
    const id = one?.id ?? "";
    for (let turn = 0; turn < 40; turn += 1) {
      await appendFile(join(rig.root, "runs/a/20260101_000000_aaaaaa/events.jsonl"), `${turn}\n`);
      await writeFile(join(rig.root, `file-${turn % 7}`), "x".repeat(turn * 1_000));
      await delay(10);
    }
    const folder = windows[0]?.folder(id) ?? "";
    await until("equal", async () => (await differences(rig.root, folder)).length === 0);
    for (const syncs of windows) expect(await syncs.runs(id)).toHaveLength(1);

    // One window stops: the other's news reach it all the same.
    await windows[1]?.stop(id);
    await mkdir(join(rig.root, "runs/b/20260101_000000_bbbbbb"), { recursive: true });
    await writeFile(join(rig.root, "runs/b/20260101_000000_bbbbbb/meta.json"), "{}");
    await until("the other window knows", async () => (await windows[1]?.runs(id))?.length === 2);
    for (const syncs of windows) await syncs.close();
    await rig.dispose();
  });
});

describe.each(["-3d", "+3d"])("a host whose clock is off by %s", (offset) => {
  it("is still copied", async () => {
    ensureProgram("faketime", "faketime");
    const library = execFileSync("find", ["/usr/lib", "-name", "libfaketime.so.1"]).toString().trim();
    const environment = { LD_PRELOAD: library, FAKETIME: offset, NO_FAKE_STAT: "1" };
    const rig = await createSyncRig({ environment });
    const date = (await rig.connection.exec("date +%s")).stdout.toString();
    expect(Math.abs(Number(date) - Date.now() / 1000)).toBeGreaterThan(200_000);
    for (const content of ["one", "two", "six", "longer", "short"]) {
      await writeFile(join(rig.root, "status.json"), content);
      await appendFile(join(rig.root, "log.txt"), `${content}\n`);
      await rig.pass();
      await until("equal", async () => {
        await rig.pass();
        return (await differences(rig.root, rig.copy)).length === 0;
      });
    }
    await rig.dispose();
  });
});

describe("a slow link", () => {
  it("gets compressed data", async () => {
    const rig = await createSyncRig();
    const link = createLinkSpeed();
    link.note(mebibyte, 1_000);
    expect(link.isSlow).toBe(true);
    await writeFile(join(rig.root, "logs.txt"), "the same words again and again\n".repeat(100_000));
    const { remote, cache, root } = rig;
    const before = remote.received;
    await runPass({ remote, cache, root, mode: "mirror", link, signal: new AbortController().signal });
    expect(remote.received - before).toBeLessThan(200_000);
    expect(await differences(rig.root, rig.copy)).toEqual([]);
    await rig.dispose();
  });
});
