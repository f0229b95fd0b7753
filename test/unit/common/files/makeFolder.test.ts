import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder } from "../../../../src/common/files/makeFolder.js";

describe("a folder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "folders-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.skipIf(process.platform === "win32")("is made for us alone, with those above it", async () => {
    await makeFolder(join(folder, "a", "b", "c"));
    for (const path of ["a", "a/b", "a/b/c"])
      expect((await stat(join(folder, path))).mode & 0o777, path).toBe(0o700);
  });

  it("is left alone if it exists", async () => {
    await Promise.all([makeFolder(join(folder, "x", "y")), makeFolder(join(folder, "x", "y"))]);
    await makeFolder(join(folder, "x", "y"));
  });

  it("is not made where a file has its name, or the name of one above it", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(makeFolder(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(join(folder, "file", "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it.runIf(process.platform === "linux")("is refused where the file system makes none", async () => {
    await expect(makeFolder("/proc/none/below")).rejects.toMatchObject({ code: "ENOENT" });
  });
});
