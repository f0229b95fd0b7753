import { existsSync } from "node:fs";
import { appendFile, cp, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCache } from "../../../src/sync/cache/cache.js";
import { earlierManifest } from "../../support/earlier/earlier.js";
import { differences } from "../../support/rsync.js";
import { until } from "../../support/until.js";
import { createSyncRig, type SyncRig } from "../../support/syncRig.js";

const run = "runs/proj/20260101_000000_abc123";
const whole = new Date("2026-11-25T12:00:00Z");

let rig: SyncRig;
beforeEach(async () => {
  rig = await createSyncRig();
  await mkdir(join(rig.root, run), { recursive: true });
  await writeFile(join(rig.root, run, "meta.json"), '{"id":"20260101_000000_abc123","path":"proj"}');
  await writeFile(join(rig.root, run, "events.jsonl"), '{"type":"metrics"}\n'.repeat(5));
  for (const name of ["meta.json", "events.jsonl"]) await utimes(join(rig.root, run, name), whole, whole);
});
afterEach(() => rig.dispose());

/** A folder with a copy and this manifest. */
async function copyWith(manifest: string): Promise<string> {
  const folder = join(rig.cacheFolder, "..", "other");
  await mkdir(folder, { mode: 0o700 });
  await cp(rig.root, join(folder, "files"), { recursive: true, preserveTimestamps: true });
  // `cp` writes into a folder after it has set its time.
  for (const name of [run, "runs/proj", "runs"]) {
    const { atime, mtime } = await stat(join(rig.root, name));
    await utimes(join(folder, "files", name), atime, mtime);
  }
  await writeFile(join(folder, "manifest.jsonl"), manifest);
  return folder;
}

describe("a copy that an earlier version has made", () => {
  it("is believed where it is as the host, and goes on", async () => {
    const folder = await copyWith(await earlierManifest(rig.root));
    const cache = await openCache(folder);
    const first = await rig.passInto(cache);
    // Compared by their checksums, not sent again.
    expect(first).toMatchObject({ transferredBytes: 0, skipped: [] });
    await appendFile(join(rig.root, run, "events.jsonl"), "more\n");
    expect((await rig.passInto(cache)).transferredBytes).toBe(5);
    expect(await differences(rig.root, join(folder, "files"))).toEqual([]);
    expect(existsSync(join(folder, "set-aside"))).toBe(false);
  });

  it("is mended where it is not as the host, and what somebody wrote into it is not lost", async () => {
    const folder = await copyWith(await earlierManifest(rig.root));
    await writeFile(
      join(folder, "files", run, "meta.json"),
      "changed by hand, and longer than what was there\n",
    );
    const cache = await openCache(folder);
    // A file that was written on the host a moment ago is compared once it has come to rest.
    await until("the copy equals", async () => {
      await rig.passInto(cache);
      return (await differences(rig.root, join(folder, "files"))).length === 0;
    });
  });
});

describe("a copy that a later version has made, in a way that this one does not understand,", () => {
  it("is kept beside a new one, and that is said", async () => {
    const later = '{"v":2}\n{"path":"runs","blocks":["a1","b2"]}\n';
    const folder = await copyWith(later);
    const file = join(folder, "files", run, "meta.json");
    await writeFile(file, "what the later version has there");
    const said: string[] = [];
    const cache = await openCache(folder, { warn: (message) => said.push(message) });
    expect(said).toEqual([`${join(folder, "manifest.jsonl")}: 2 lines are not understood, and are kept`]);
    await rig.passInto(cache);
    expect(await differences(rig.root, join(folder, "files"))).toEqual([]);
    expect(await readFile(join(folder, "manifest.jsonl"), "utf8")).toContain(later);
    const aside = await readdir(join(folder, "set-aside"), { recursive: true });
    const kept = await Promise.all(
      aside
        .filter((name) => name.endsWith("meta.json"))
        .map((name) => readFile(join(folder, "set-aside", name), "utf8")),
    );
    expect(kept).toEqual(["what the later version has there"]);
  });
});
