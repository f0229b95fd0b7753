import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { differences } from "../../support/rsync.js";
import { createSyncRig } from "../../support/syncRig.js";

const mebibyte = 1024 * 1024;
/** `npm run test:sync-large` takes ten thousand files and two gibibytes. */
const isLong = process.env["SYNC_LARGE"] === "1";
const files = isLong ? 10_000 : 1_000;
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
});
