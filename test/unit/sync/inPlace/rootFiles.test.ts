import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRootFiles } from "../../../../src/sync/inPlace/rootFiles.js";
import type { Stamp } from "../../../../src/sync/remote/remoteFiles.js";

const stamp: Stamp = { size: 1, mtime: "1.000000000", ctime: "1.000000000", inode: "1", mode: 0o644 };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "root-"));
  await mkdir(join(root, "p"));
  await writeFile(join(root, "p", "file"), "text");
});
afterEach(() => rm(root, { recursive: true }));

describe("the files of a root", () => {
  it("keep every byte of their names", () => {
    const files = createRootFiles(root, root);
    expect(files.pathOf("p/file")).toBe(join(root, "p/file"));
    expect(files.bytesOf("p/\udcff")).toEqual(
      Buffer.concat([Buffer.from(`${root}/p/`), Buffer.from([0xff])]),
    );
    expect(createRootFiles("/", root).pathOf("p")).toBe("/p");
    for (const path of ["..", "../x", "p/../../x", "."]) expect(() => files.pathOf(path)).toThrow(RangeError);
  });

  it("can be examined", async () => {
    const files = createRootFiles(root, root);
    expect(await files.size("p/file")).toBe(4);
    expect(await files.look("p/file")).toMatchObject({ size: 4 });
    expect([await files.look("p"), files.lookNow("p")]).toEqual(["folder", "folder"]);
    expect([await files.look("none"), files.lookNow("none")]).toEqual([undefined, undefined]);
  });

  it("are never written, whatever is asked for", async () => {
    const files = createRootFiles(root, root);
    const deeds = [
      files.claim("p/file"),
      files.putWhole("p/file", [Buffer.from("x")], stamp),
      files.putAppended("p/file", 1, [Buffer.from("x")], stamp),
      files.stage("p/file", "present"),
      files.openInPlace("p/file", 0),
      files.takeStaged("p/file"),
      files.keepStaged("p/file"),
      files.putStaged("p/file", stamp),
      files.setStamp("p/file", stamp),
      files.makeFolder("p/q"),
      files.remove("p/file", "file"),
      files.remove("p", "folder"),
      files.removeAt(join(root, "p", "file")),
      files.removeStaged("p/file"),
      files.tidyStaging([]),
    ];
    const ends = await Promise.allSettled(deeds);
    expect(ends.map(({ status }) => status)).toEqual(deeds.map(() => "rejected"));
    expect(await readdir(root, { recursive: true })).toEqual(["p", "p/file"]);
  });
});
