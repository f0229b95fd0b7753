import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  appendFile,
  chmod,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences, leftOut } from "../../support/rsync.js";
import { createSyncRig, type SyncRig, ways } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

const run = "runs/vision/resnet/20260101_000000_aaaaaa";

/** How the files of a host are read. */

describe.each(ways)("a mirror %s equals the host after", (_name, options) => {
  let rig: SyncRig;
  const at = (path: string): string => join(rig.root, path);
  const expectEqual = async (): Promise<void> => {
    await rig.pass();
    // Busybox tells whole seconds: a file rewritten twice within one is compared once it has come to rest.
    if (options.busyboxOnly) await until("the copy equals", equalsAfterPass);
    expect(await differences(rig.root, rig.copy)).toEqual([]);
  };
  const equalsAfterPass = async (): Promise<boolean> => {
    await rig.pass();
    return (await differences(rig.root, rig.copy)).length === 0;
  };
  beforeAll(async () => {
    rig = await createSyncRig(options);
    await mkdir(at(`${run}/media`), { recursive: true });
    await writeFile(at(`${run}/meta.json`), "{}");
    await writeFile(at(`${run}/events.jsonl`), "one\n");
    await writeFile(at(`${run}/events.jsonl.lock`), "");
  });
  afterAll(() => rig.dispose());

  it("files and folders were created", async () => {
    await expectEqual();
    expect(existsSync(join(rig.copy, `${run}/events.jsonl.lock`))).toBe(false);
  });

  it("nothing at all", async () => {
    const execs = (await rig.sshd.commands()).length;
    await rig.pass();
    const perPass = (await rig.sshd.commands()).length - execs;
    expect(perPass).toBe(options.busyboxOnly || options.withoutPython ? 1 : 0);
    expect(await rig.pass()).toMatchObject({ changedFiles: 0, transferredBytes: 0, skipped: [] });
  });

  it("lines were appended, moving those alone", async () => {
    await writeFile(at(`${run}/logs.txt`), "x".repeat(300_000));
    await expectEqual();
    await appendFile(at(`${run}/logs.txt`), "another line\n");
    expect(await rig.pass()).toMatchObject({ changedFiles: 1, transferredBytes: 13, skipped: [] });
    await expectEqual();
  });

  it("a file grew that was another one before", async () => {
    await writeFile(at(`${run}/logs.txt`), "y".repeat(400_000));
    await expectEqual();
    await writeFile(at("notes.txt"), "a".repeat(5_000));
    await expectEqual();
    await writeFile(at("notes.txt"), `${"a".repeat(2_000)}b${"a".repeat(2_999)} and more`);
    await expectEqual();
  });

  it("a file was rewritten in place with as many bytes", async () => {
    await writeFile(at(`${run}/summary.json`), '{"loss": 1}');
    await expectEqual();
    await writeFile(at(`${run}/summary.json`), '{"loss": 2}');
    await expectEqual();
  });

  it("a file was rewritten with as many bytes and the old time", async () => {
    const past = new Date("2026-01-01T00:00:00Z");
    await writeFile(at("old.bin"), "1111");
    await utimes(at("old.bin"), past, past);
    await expectEqual();
    await writeFile(at("old.bin"), "2222");
    await utimes(at("old.bin"), past, past);
    // The change time gives it away, and a checksum decides.
    await expectEqual();
  });

  it("files and folders were made whose names are like those that Runicorn keeps for itself", async () => {
    const files = ["code/uv.lock", "code/poetry.lock", "study.db", "study.db-wal", "study.db-shm", "x.lock"];
    const folders = [
      "ablation-wal/exp/1",
      "robot-shm",
      "gpu.lock/2",
      "events.jsonl.lock.d",
      "runicorn.db-wal",
    ];
    for (const one of [...files, ...folders.map((folder) => `${folder}/meta.json`)]) {
      await mkdir(join(at("runs/p"), dirname(one)), { recursive: true });
      await writeFile(at(`runs/p/${one}`), one);
    }
    for (const one of leftOut) await writeFile(at(`runs/p/code/${one}`), "left out");
    await expectEqual();
    const copied = async (folder: string): Promise<string[]> =>
      (await readdir(join(rig.copy, folder))).sort();
    expect(await copied("runs/p/code")).toEqual(["poetry.lock", "uv.lock"]);
    const names = [...folders, ...files].map((one) => one.split("/")[0]);
    expect(await copied("runs/p")).toEqual([...new Set(names)].sort());
    await rm(at("runs/p"), { recursive: true });
    await expectEqual();
  });

  it("a file shrank", async () => {
    await truncate(at(`${run}/logs.txt`), 1_000);
    await expectEqual();
  });

  it("a log was rotated", async () => {
    await rename(at(`${run}/logs.txt`), at(`${run}/logs.txt.1`));
    await writeFile(at(`${run}/logs.txt`), "fresh\n");
    await expectEqual();
  });

  it("a run was renamed, and a folder deleted", async () => {
    await rename(at("runs/vision/resnet"), at("runs/vision/resnet50"));
    await expectEqual();
    await rm(at("runs/vision/resnet50"), { recursive: true });
    await expectEqual();
  });

  it("a file became a folder, and a folder a file", async () => {
    await writeFile(at("thing"), "file");
    await mkdir(at("other/inner"), { recursive: true });
    await writeFile(at("other/inner/x"), "x");
    await expectEqual();
    await unlink(at("thing"));
    await rm(at("other"), { recursive: true });
    await mkdir(at("thing/inner"), { recursive: true });
    await writeFile(at("thing/inner/file"), "below");
    await writeFile(at("other"), "now a file");
    await expectEqual();
  });

  it("modes and times were changed", async () => {
    await chmod(at("notes.txt"), 0o640);
    await utimes(at("notes.txt"), 1_000_000_000, 1_000_000_000);
    await expectEqual();
  });

  it("names of every kind", async () => {
    const names = [
      Buffer.from([0xd6, 0xd0, 0xce, 0xc4]),
      Buffer.from("line\nbreak"),
      Buffer.from("🦄 emoji"),
      Buffer.from("第一次"),
      Buffer.from("n".repeat(255)),
      Buffer.from("\u00e9".repeat(127)),
      Buffer.from(" -rf '\"`$(touch canary)` \\ * ? "),
      Buffer.from("tab\tand\rcr"),
      Buffer.from([0xff, 0xfe, 0x01]),
      Buffer.from("f 1 2 3 4 644 x"),
    ];
    await mkdir(at("names"));
    for (const name of names) {
      const folder = Buffer.concat([Buffer.from(`${at("names")}/`), name]);
      await mkdir(folder);
      await writeFile(Buffer.concat([folder, Buffer.from("/"), name]), name);
    }
    await expectEqual();
    expect((await rig.connection.exec("ls")).stdout.toString()).not.toContain("canary");
  });

  it("a link, a pipe and a socket were made, which stay where they are", async () => {
    await symlink("/etc/passwd", at("link"));
    await symlink("..", at("names/up"));
    execFileSync("mkfifo", [at("pipe")]);
    await rig.pass();
    expect(await differences(rig.root, rig.copy, ["--no-links", "--no-specials"])).toEqual([]);
    for (const name of ["link", "pipe", "names/up"]) {
      expect(existsSync(join(rig.copy, name))).toBe(false);
      await unlink(at(name));
    }
  });

  it("a large file came, grew and changed", async () => {
    const file = await open(at("model.bin"), "w");
    for (let block = 0; block < 24; block += 1) await file.write(Buffer.alloc(1 << 20, block));
    await file.close();
    await expectEqual();
    await appendFile(at("model.bin"), Buffer.alloc(6 << 20, 99));
    await expectEqual();
    const again = await open(at("model.bin"), "r+");
    await again.write("changed", 12_345_678);
    await again.close();
    await expectEqual();
  });
});
