import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Cache, openCache } from "../../../src/sync/cache/cache.js";
import { folded, rulesOf } from "../../../src/sync/cache/nameRules.js";
import { fetchFile } from "../../../src/sync/pass/fetchFile.js";
import { createLinkSpeed } from "../../../src/sync/remote/linkSpeed.js";
import { createSyncRig, type SyncRig } from "../../support/syncRig.js";

/** Pairs of files of one size and time whose paths differ in case alone: by folder, by name, by Unicode composition. */
const pairs = [
  ...Array.from({ length: 8 }, (_, index) => [`train/${index}.png`, `Train/${index}.png`] as const),
  ["runs/best.pt", "runs/Best.pt"],
  ["runs/straße/a", "runs/STRASSE/a"],
  ["runs/é.txt", "runs/e\u0301.txt"],
  ["a/B/c.txt", "a/b/c.txt"],
] as const;
const paths = pairs.flat();

let rig: SyncRig;
let folder: string;
beforeAll(async () => {
  rig = await createSyncRig();
});
afterAll(() => rig.dispose());

describe.each(["win32", "darwin"] as const)("a copy whose file system takes names as %s does", (platform) => {
  const rules = rulesOf(platform);
  const open = (): Promise<Cache> => openCache(folder, { rules });
  const hostHas = async (path: string, text = path.padEnd(20)): Promise<void> => {
    const file = join(rig.root, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
    await utimes(file, 1_700_000_000, 1_700_000_000);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "names-"));
    await rm(rig.root, { recursive: true });
    for (const path of paths) await hostHas(path);
    return () => rm(folder, { recursive: true });
  });

  /** Every file below the copy, as that file system would see it. */
  const filesHere = async (): Promise<string[]> => {
    const files = join(folder, "files");
    const all = await readdir(files, { recursive: true, withFileTypes: true });
    return all.filter((one) => one.isFile()).map((one) => relative(files, join(one.parentPath, one.name)));
  };
  const expectRight = async (cache: Cache, wanted: readonly string[] = paths): Promise<void> => {
    const here = await filesHere();
    expect(here).toHaveLength(wanted.length);
    expect(new Set(here.map(folded)).size).toBe(wanted.length);
    for (const path of wanted) {
      expect(await readFile(cache.files.bytesOf(path), "utf8"), path).toBe(path.padEnd(20));
    }
  };

  it("is right after each of five starts", async () => {
    for (let start = 0; start < 6; start += 1) {
      const cache = await open();
      const { changedFiles } = await rig.passInto(cache);
      expect(changedFiles).toBe(start === 0 ? paths.length : 0);
      await expectRight(cache);
    }
  });

  it("is right in two windows, in whatever order things come and go", async () => {
    const [one, other] = [await open(), await open()];
    const wanted = new Set<string>(paths);
    await rig.passInto(one);
    for (const [window, come, go] of [
      [other, ["New/x", "new/y"], ["train/0.png"]],
      [one, ["TRAIN/0.png", "train/0.png"], ["runs/best.pt"]],
      [other, ["runs/BEST.pt"], ["Train/1.png", "Train/2.png"]],
      [one, ["NEW/x", "runs/best.pt"], []],
    ] as const) {
      for (const path of go) await rm(join(rig.root, path)).then(() => wanted.delete(path));
      for (const path of come) await hostHas(path).then(() => wanted.add(path));
      await rig.passInto(window);
      for (const cache of [one, other, await open()]) {
        await cache.lookAgain();
        await expectRight(cache, [...wanted]);
      }
    }
  });

  it("is right where files are opened one by one, in any order and window", async () => {
    const link = createLinkSpeed();
    const fetched: string[] = [];
    for (const path of [...paths].reverse()) {
      const cache = await open();
      const { remote, root } = rig;
      const signal = new AbortController().signal;
      await fetchFile(path, "host", { remote, cache, root, mode: "smart", link, signal, limit: 1 << 30 });
      fetched.push(path);
      await expectRight(cache, fetched);
    }
  });

  it("is mended when an earlier version mixed the files up", async () => {
    await rig.passInto(await open());
    // That version noted neither names nor what it wrote, and took the names in another order at each start.
    const manifest = join(folder, "manifest.jsonl");
    const text = await readFile(manifest, "utf8");
    await writeFile(manifest, text.replace(/,"i":\[.*?\]|,"l":("[^"]*"|1)/g, ""));
    const files = join(folder, "files");
    const [hashed = ""] = (await readdir(files)).filter((name) => /^train~/i.test(name));
    const [plain = ""] = (await readdir(files)).filter((name) => /^train$/i.test(name));
    await rename(join(files, plain), join(files, "aside"));
    await rename(join(files, hashed), join(files, plain));
    await rename(join(files, "aside"), join(files, hashed));
    await writeFile(join(files, "notes.txt"), "mine");
    const cache = await open();
    await rig.passInto(cache);
    expect(await readFile(join(files, "notes.txt"), "utf8")).toBe("mine");
    await rm(join(files, "notes.txt"));
    await expectRight(cache);
    await expectRight(await open());
  });
});
