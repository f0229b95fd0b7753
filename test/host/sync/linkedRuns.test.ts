import { existsSync } from "node:fs";
import { appendFile, lstat, mkdir, readdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRunIndex } from "../../../src/sync/runIndex/runs.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig, type SyncRig } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

const run = "vision/resnet/20260101_000000_aaaaaa";

/** A home is often small: people move `runs` to a large disk and leave a link in its place. */
describe.each([
  ["with Python", {}],
  ["with Python and no usable find", { withoutFind: true }],
  ["with the system's tools alone", { withoutPython: true }],
  ["with busybox alone", { busyboxOnly: true }],
])("a root whose runs are a link, %s", (_name, options) => {
  let rig: SyncRig;
  /** Outside the root. */
  let disk: string;
  const at = (path: string): string => join(rig.root, path);
  const remaining = (): Promise<string[]> => differences(rig.root, rig.copy, ["--copy-dirlinks"]);
  const expectEqual = async (): Promise<void> => {
    await until("the copy equals", async () => {
      await rig.pass();
      return (await remaining()).length === 0;
    });
    expect((await lstat(join(rig.copy, "runs"))).isDirectory()).toBe(true);
  };
  /** What there is beside the cache: nothing is ever written there. */
  const around = async (): Promise<string[]> => (await readdir(dirname(rig.cacheFolder))).sort();

  beforeAll(async () => {
    rig = await createSyncRig(options);
    disk = join(dirname(rig.root), "disk");
    await mkdir(join(disk, "runs", run), { recursive: true });
    await writeFile(join(disk, "runs", run, "meta.json"), '{"id": "one"}');
    await writeFile(join(disk, "runs", run, "status.json"), '{"status": "running"}');
    await writeFile(join(disk, "runs", run, "events.jsonl"), "one\n");
    await writeFile(at("config.json"), "{}");
    await symlink(join(disk, "runs"), at("runs"));
  });
  afterAll(() => rig.dispose());

  it("has its metadata copied in smart mode, and its runs are listed", async () => {
    await rig.pass("smart");
    const copied = await readdir(join(rig.copy, "runs", run));
    expect(copied.sort()).toEqual(["meta.json", "status.json"]);
    expect(await createRunIndex("id", rig.cache).list()).toMatchObject([
      { id: basename(run), folder: `runs/${run}`, path: "vision/resnet", status: "running" },
    ]);
  });

  it("is mirrored, and stays so when files come, grow and go", async () => {
    await expectEqual();
    await appendFile(join(disk, "runs", run, "events.jsonl"), "two\n");
    await mkdir(join(disk, "runs", "vision", "vit", "20260102_000000_bbbbbb"), { recursive: true });
    await writeFile(join(disk, "runs", "vision", "vit", "20260102_000000_bbbbbb", "meta.json"), "{}");
    await writeFile(join(disk, "runs", "status.json.lock"), "");
    await expectEqual();
    await rm(join(disk, "runs", "vision", "vit"), { recursive: true });
    await expectEqual();
    expect(await rig.pass()).toMatchObject({ changedFiles: 0, transferredBytes: 0, skipped: [] });
  });

  it("keeps names of every kind below the link", async () => {
    const folder = join(disk, "runs", "names");
    await mkdir(folder);
    const names = [
      Buffer.from([0xd6, 0xd0, 0xce, 0xc4]),
      Buffer.from("line\nbreak"),
      Buffer.from("🦄 runs"),
      Buffer.from(" -rf '\"`$(touch canary)` \\ * ? "),
      Buffer.from("d 1 2 3 4 755 .."),
    ];
    for (const name of names) {
      const below = Buffer.concat([Buffer.from(`${folder}/`), name]);
      await mkdir(below);
      await writeFile(Buffer.concat([below, Buffer.from("/"), name]), name);
    }
    await expectEqual();
  });

  it("does not follow links below it, and writes nothing outside the cache", async () => {
    const before = await around();
    await symlink("/etc", join(disk, "runs", "etc"));
    await symlink("..", join(disk, "runs", "up"));
    await symlink(disk, at("other"));
    await rig.pass();
    for (const path of ["runs/etc", "runs/up", "other"]) expect(existsSync(join(rig.copy, path))).toBe(false);
    expect(await around()).toEqual(before);
    await unlink(join(disk, "runs", "etc"));
    await unlink(join(disk, "runs", "up"));
    await unlink(at("other"));
  });

  it("keeps what was copied while the disk is away", async () => {
    await rename(disk, `${disk}.away`);
    await rig.pass();
    expect(existsSync(join(rig.copy, "runs", run, "events.jsonl"))).toBe(true);
    await rename(`${disk}.away`, disk);
    await expectEqual();
  });

  it("transfers nothing when the link becomes the folder, or the folder the link", async () => {
    // Same content with the same times: at most compared.
    await unlink(at("runs"));
    await rename(join(disk, "runs"), at("runs"));
    expect(await rig.pass()).toMatchObject({ transferredBytes: 0 });
    await expectEqual();
    await rename(at("runs"), join(disk, "runs"));
    await symlink(join(disk, "runs"), at("runs"));
    expect(await rig.pass()).toMatchObject({ transferredBytes: 0 });
    await expectEqual();
  });

  it("is nothing to follow when it leads to itself, the root, what holds the root, a file or nowhere", async () => {
    await unlink(at("runs"));
    await rig.pass();
    await writeFile(join(disk, "file"), "not a folder");
    const targets = [
      "runs",
      ".",
      "..",
      "/",
      `../${basename(rig.root)}`,
      join(disk, "file"),
      "/nowhere/at/all",
    ];
    for (const target of targets) {
      await symlink(target, at("runs"));
      await rig.pass();
      expect(await readdir(rig.copy), target).toEqual(["config.json"]);
      await unlink(at("runs"));
    }
    await symlink(join(disk, "runs"), at("runs"));
    await expectEqual();
  });
});
