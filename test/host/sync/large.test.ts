import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bundleProgram } from "../../support/bundleProgram.js";
import { makeOldRuns } from "../../support/oldRuns.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig } from "../../support/syncRig.js";

const mebibyte = 1024 * 1024;
/** `npm run test:sync-large` takes ten thousand files and two gibibytes, and a hundred thousand files. */
const isLong = process.env["SYNC_LARGE"] === "1";
const files = isLong ? 10_000 : 500;
const runs = isLong ? 10_000 : 200;
/** MiB, of which Node and what is read of the program take some 70. */
const allowed = 150;
const largeFile = (isLong ? 2048 : 64) * mebibyte;

describe("a mirror of much", () => {
  it(`equals the host: ${files} small files and one of ${largeFile / mebibyte} MiB`, async () => {
    const rig = await createSyncRig();
    for (let index = 0; index < files; index += 1) {
      const folder = join(rig.root, "runs", String(index % 100));
      await mkdir(folder, { recursive: true });
      await writeFile(
        join(folder, `${index}.json`),
        JSON.stringify({ index, text: "x".repeat(index % 3_000) }),
      );
    }
    const file = await open(join(rig.root, "model.bin"), "w");
    const block = Buffer.alloc(mebibyte);
    for (let at = 0; at < largeFile; at += mebibyte) {
      block.writeUInt32LE(at / mebibyte, 0);
      await file.write(block);
    }
    await file.close();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
    const startedAt = Date.now();
    await rig.pass();
    const seconds = (Date.now() - startedAt) / 1000;
    clearInterval(watch);
    const grown = Math.round((most - before) / mebibyte);
    console.log(
      `${files} files and ${largeFile / mebibyte} MiB in ${seconds} s, ${grown} MiB more memory at most`,
    );
    expect(await differences(rig.root, rig.copy)).toEqual([]);
    expect(grown).toBeLessThan(512);
    await rig.dispose();
  }, 600_000);

  it(`of ${runs * 10} files takes little memory, in the program that mirrors and in the next one`, async () => {
    const rig = await createSyncRig();
    const program = await bundleProgram("test/support/syncProcess.ts");
    makeOldRuns(rig.root, runs, 10);
    const words = [program.file, String(rig.sshd.port), rig.sshd.identityFile, rig.root, rig.cacheFolder];
    for (const what of ["copied", "started again"]) {
      const startedAt = Date.now();
      const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
      const exited = once(child, "exit");
      let [said, id] = ["", ""];
      for await (const chunk of child.stdout) {
        said += String(chunk);
        id = /^[0-9a-f]{24}$/m.exec(said)?.[0] ?? "";
        if (/^passed$/m.test(said)) break;
      }
      const seconds = (Date.now() - startedAt) / 1000;
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      const most = Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
      child.kill();
      await exited;
      console.log(`${runs * 10} files ${what} after ${seconds} s, ${most} MiB of memory at most`);
      expect(await differences(rig.root, join(rig.cacheFolder, "sync", id, "files"))).toEqual([]);
      expect(most).toBeLessThan(allowed);
    }
    await program.remove();
    await rig.dispose();
  }, 600_000);
});
