import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRegular } from "../../../../src/common/files/regularFile.js";
import { readEvents } from "../../../../src/runs/records/eventFile.js";
import { readSmallFile } from "../../../../src/runs/records/smallFile.js";
import { createRootFiles } from "../../../../src/sync/inPlace/rootFiles.js";

const meta = '{"path": "cv"}';
const secret = '{"secret": "of somebody else"}';

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "within-"));
  root = join(folder, "root");
  for (const [place, text] of [
    [join(root, "runs", "cv", "a"), meta],
    [join(folder, "elsewhere"), secret],
  ] as const) {
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "meta.json"), text);
    await writeFile(join(place, "events.jsonl"), `{"type": "metrics", "data": {"x": 1}}\n`);
  }
});
afterEach(() => rm(folder, { recursive: true }));

const placeOf = (path: string) => createRootFiles(root, folder).placeOf(path);
const run = "runs/cv/a";

describe.skipIf(process.platform === "win32")("a file that is read in place", () => {
  it("is read", async () => {
    expect(await readSmallFile(placeOf(`${run}/meta.json`))).toEqual({ kind: "read", value: { path: "cv" } });
    expect((await readEvents(placeOf(`${run}/events.jsonl`), undefined))?.figures.metrics.size).toBe(1);
  });

  it("is not read through a symbolic link that replaced it", async () => {
    for (const name of ["meta.json", "events.jsonl"]) {
      await rm(join(root, run, name));
      await symlink(join(folder, "elsewhere", name), join(root, run, name));
    }
    expect(await readSmallFile(placeOf(`${run}/meta.json`))).toEqual({ kind: "damaged" });
    expect(await readEvents(placeOf(`${run}/events.jsonl`), undefined)).toBeUndefined();
    await expect(readRegular(placeOf(`${run}/meta.json`))).rejects.toThrow("local-file-irregular");
  });

  it("is not read through a symbolic link that replaced a folder", async () => {
    await rename(join(root, run), join(root, "runs", "cv", "before"));
    await symlink(join(folder, "elsewhere"), join(root, run));
    expect(await readSmallFile(placeOf(`${run}/meta.json`))).toEqual({ kind: "damaged" });
    expect(await readEvents(placeOf(`${run}/events.jsonl`), undefined)).toBeUndefined();
  });

  it("is read on another disk only through the link of the runs folder, even if that was moved meanwhile", async () => {
    const files = createRootFiles(root, folder);
    expect(await readSmallFile(files.placeOf(`${run}/meta.json`))).toMatchObject({ kind: "read" });
    for (const disk of ["first", "second"]) {
      await rename(join(root, "runs"), join(folder, "moving")).catch(() => undefined);
      await rename(join(folder, disk === "first" ? "moving" : "first"), join(folder, disk));
      await rm(join(folder, "moving"), { force: true });
      await symlink(join(folder, disk), join(root, "runs"));
      expect(await readSmallFile(files.placeOf(`${run}/meta.json`))).toMatchObject({ kind: "read" });
    }
  });
});
