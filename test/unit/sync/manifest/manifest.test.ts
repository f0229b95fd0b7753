import { appendFile, mkdtemp, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openManifest } from "../../../../src/sync/manifest/manifest.js";
import type { ManifestEntry } from "../../../../src/sync/manifest/manifestEntry.js";
import type { Stamp } from "../../../../src/sync/remote/remoteFiles.js";

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

const mayWrite = (): Promise<void> => Promise.resolve();

describe("the manifest", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "manifest-"));
    file = join(folder, "manifest.jsonl");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("keeps the lines of a later version, says so, and writes them on", async () => {
    const later = ['{"v":2,"root":"/runs"}', '{"p":"a","s":[1,"1","1","7",420,"sha256"],"h":1}'];
    await appendFile(file, `${later.join("\n")}\n`);
    const said: string[] = [];
    const manifest = await openManifest(file, mayWrite, (message) => said.push(message));
    expect(said).toEqual([`${file}: 2 lines are not understood, and are kept`]);
    expect([...manifest.entries.keys()]).toEqual([]);
    // Often enough for the file to be written anew.
    for (let round = 0; round < 1_100; round += 1) {
      manifest.set(entry("b", round));
      await manifest.flush();
    }
    const lines = (await readFile(file, "utf8")).split("\n");
    expect(lines.length).toBeLessThan(1_100);
    expect(lines.slice(0, 2)).toEqual(later);
    expect((await openManifest(file, mayWrite)).get("b")?.seen?.size).toBe(1_099);
  });

  it("is read as it was written, names of any bytes included", async () => {
    const written: ManifestEntry[] = [
      entry("a", 1),
      { ...entry("\udcd6\udcd0\n🦄", 2), held: undefined, verified: undefined },
      { ...entry("b", 3), seen: undefined, verified: false },
      { ...entry("folder", 0), kind: "folder" },
      { ...entry("c", 4), held: stamp(2), partial: stamp(4), usedAt: 1_795_591_432_844 },
      {
        ...entry("runs/plain", 5),
        local: { size: 5, mtime: "1795591432844398123", inode: "7", ctime: "1795591432900000001" },
        localName: "plain",
      },
      {
        ...entry("runs/Plain", 6),
        local: { size: 6, mtime: "-1", inode: "8", isShared: true },
        localName: "Plain~1",
      },
    ];
    const manifest = await openManifest(file, mayWrite);
    written.forEach((one) => manifest.set(one));
    manifest.set(entry("gone", 1));
    await manifest.flush();
    manifest.remove("gone");
    await manifest.flush();
    const again = await openManifest(file, mayWrite);
    expect([...again.entries.values()]).toEqual(written);
    expect(again.get("runs/Plain")?.localName).toBe("Plain~1");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("knows everything up to the line in which a crash cut it", async () => {
    const manifest = await openManifest(file, mayWrite);
    for (let index = 0; index < 50; index += 1) manifest.set(entry(`file ${index}`, index));
    await manifest.flush();
    const { length } = await readFile(file);
    for (let cut = length - 1; cut > length - 400; cut -= 7) {
      await truncate(file, cut);
      const again = await openManifest(file, mayWrite);
      const whole = (await readFile(file, "utf8")).split("\n").length - 1;
      expect(again.entries.size).toBeGreaterThanOrEqual(whole);
      expect(again.entries.size).toBeLessThanOrEqual(whole + 1);
    }
    const again = await openManifest(file, mayWrite);
    again.set(entry("after", 1));
    await again.flush();
    expect((await openManifest(file, mayWrite)).get("after")).toEqual(entry("after", 1));
  });

  it("reads what another program wrote, and only then", async () => {
    const one = await openManifest(file, mayWrite);
    one.set(entry("a", 1));
    await one.flush();
    const other = await openManifest(file, mayWrite);
    expect(await one.refresh()).toBe(false);
    other.set(entry("b", 2));
    await other.flush();
    expect(await one.refresh()).toBe(true);
    expect([...one.entries.keys()]).toEqual(["a", "b"]);
  });

  it("writes nothing without the right to, and what was to be written once it is back", async () => {
    let refusal: Error | undefined = new Error("lost");
    const manifest = await openManifest(file, async () => {
      if (refusal) throw refusal;
      return Promise.resolve();
    });
    manifest.set(entry("a", 1));
    await expect(manifest.flush()).rejects.toThrow("lost");
    await expect(stat(file)).rejects.toThrow("ENOENT");
    refusal = undefined;
    await manifest.flush();
    expect((await openManifest(file, mayWrite)).get("a")).toEqual(entry("a", 1));
  });

  it("is compacted", async () => {
    const manifest = await openManifest(file, mayWrite);
    for (let turn = 0; turn < 3_000; turn += 1) {
      manifest.set(entry("log", turn));
      if (turn % 10 === 0) await manifest.flush();
    }
    await manifest.flush();
    expect((await readFile(file, "utf8")).split("\n").length).toBeLessThan(1_200);
    expect((await openManifest(file, mayWrite)).get("log")).toEqual(entry("log", 2_999));
  });

  it("passes over what it cannot read", async () => {
    const manifest = await openManifest(file, mayWrite);
    manifest.set(entry("a", 1));
    await manifest.flush();
    await appendFile(file, '\0\0\0garbage\n{"p":5}\n{"p":"b","l":"../x"}\n{"p":"c","i":[1]}\n[]\nnull\n');
    expect([...(await openManifest(file, mayWrite)).entries.keys()]).toEqual(["a"]);
  });
});
