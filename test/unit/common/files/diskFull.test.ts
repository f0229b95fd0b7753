import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { updateSharedFile } from "../../../../src/common/files/sharedFile.js";
import { mountDisk, unmount } from "../../../support/files/mount.js";

describe.skipIf(process.getuid?.() !== 0)("a disk that is full (needs root, to mount one)", () => {
  let disk: string;
  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), "full-disk-"));
    mountDisk("size=16k", disk);
    await writeFile(join(disk, "all"), Buffer.alloc(16 * 1024)).catch(() => undefined);
  });
  afterEach(async () => {
    await unmount(disk);
    await rm(disk, { recursive: true });
  });

  it("is said to be so, and nothing empty is left on it", async () => {
    const file = join(disk, "sessions.json");
    await expect(updateSharedFile(file, () => Buffer.from("[]"))).rejects.toMatchObject({
      detail: { code: "local-disk-full", file },
    });
    expect(await readdir(disk)).toEqual(["all"]);
  });
});
