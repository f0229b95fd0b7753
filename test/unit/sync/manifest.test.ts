import { appendFile, mkdtemp, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ManifestEntry, openManifest } from "../../../src/sync/manifest.js";
import type { Stamp } from "../../../src/sync/remoteFiles.js";

const stamp = (size: number): Stamp => ({
  size,
  mtime: "1795591432.844398000",
  ctime: "1795591432.844398000",
  inode: "42",
  mode: 0o644,
});
const entry = (path: string, size: number): ManifestEntry => ({
  path,
  kind: "file",
  seen: stamp(size),
  held: stamp(size),
  verified: true,
  partial: undefined,
  usedAt: undefined,
});

describe("the manifest", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "manifest-"));
    file = join(folder, "manifest.jsonl");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is read as it was written, names of any bytes included", async () => {
    const written: ManifestEntry[] = [
      entry("a", 1),
      { ...entry("\udcd6\udcd0\n🦄", 2), held: undefined, verified: undefined },
      { ...entry("b", 3), seen: undefined, verified: false },
      { ...entry("folder", 0), kind: "folder" },
      { ...entry("c", 4), held: stamp(2), partial: stamp(4), usedAt: 1_795_591_432_844 },
    ];
    const manifest = await openManifest(file);
    written.forEach((one) => manifest.set(one));
    manifest.set(entry("gone", 1));
    await manifest.flush();
    manifest.remove("gone");
    await manifest.flush();
    const again = await openManifest(file);
    expect([...again.entries.values()]).toEqual(written);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("knows everything up to the line in which a crash cut it", async () => {
    const manifest = await openManifest(file);
    for (let index = 0; index < 50; index += 1) manifest.set(entry(`file ${index}`, index));
    await manifest.flush();
    const { length } = await readFile(file);
    for (let cut = length - 1; cut > length - 400; cut -= 7) {
      await truncate(file, cut);
      const again = await openManifest(file);
      const whole = (await readFile(file, "utf8")).split("\n").length - 1;
      expect(again.entries.size).toBeGreaterThanOrEqual(whole);
      expect(again.entries.size).toBeLessThanOrEqual(whole + 1);
    }
    const again = await openManifest(file);
    again.set(entry("after", 1));
    await again.flush();
    expect((await openManifest(file)).get("after")).toEqual(entry("after", 1));
  });

  it("reads what another program wrote, and only then", async () => {
    const one = await openManifest(file);
    one.set(entry("a", 1));
    await one.flush();
    const other = await openManifest(file);
    expect(await one.refresh()).toBe(false);
    other.set(entry("b", 2));
    await other.flush();
    expect(await one.refresh()).toBe(true);
    expect([...one.entries.keys()]).toEqual(["a", "b"]);
  });

  it("does not grow for ever", async () => {
    const manifest = await openManifest(file);
    for (let turn = 0; turn < 3_000; turn += 1) {
      manifest.set(entry("log", turn));
      if (turn % 10 === 0) await manifest.flush();
    }
    await manifest.flush();
    expect((await readFile(file, "utf8")).split("\n").length).toBeLessThan(1_200);
    expect((await openManifest(file)).get("log")).toEqual(entry("log", 2_999));
  });

  it("passes over what it cannot read", async () => {
    const manifest = await openManifest(file);
    manifest.set(entry("a", 1));
    await manifest.flush();
    await appendFile(file, '\0\0\0garbage\n{"p":5}\n[]\nnull\n');
    expect([...(await openManifest(file)).entries.keys()]).toEqual(["a"]);
  });
});
