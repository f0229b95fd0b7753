import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyRegular } from "../../../../src/common/files/regularFile.js";

let folder: string;
let from: string;
let to: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "regular-"));
  [from, to] = [join(folder, "from"), join(folder, "to")];
});
afterEach(() => rm(folder, { recursive: true }));

const guarded = (path: string, may = true) => ({ path, mayRead: () => Promise.resolve(may) });

describe("a copy of a file", () => {
  it("is complete, with nothing left of the previous target", async () => {
    const bytes = Buffer.alloc(3_000_000, "runs ");
    await writeFile(from, bytes);
    await copyRegular(guarded(from), to);
    expect((await readFile(to)).equals(bytes)).toBe(true);
    await writeFile(from, "short");
    await copyRegular(from, to);
    expect(await readFile(to, "utf8")).toBe("short");
  });

  it("onto itself leaves it alone", async () => {
    await writeFile(from, "kept");
    await symlink(from, to);
    await copyRegular(from, from);
    await copyRegular(from, to);
    expect(await readFile(from, "utf8")).toBe("kept");
  });

  it.skipIf(process.platform === "win32")(
    "is refused if something else took the place of the source, and the target stays",
    async () => {
      await writeFile(to, "before");
      const secret = join(folder, "secret");
      await writeFile(secret, "secret");
      await symlink(secret, from);
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      for (const place of [guarded(from), guarded(secret, false), guarded(pipe), pipe])
        await expect(copyRegular(place, to)).rejects.toMatchObject({
          detail: { code: "local-file-irregular" },
        });
      expect(await readFile(to, "utf8")).toBe("before");
    },
  );
});
