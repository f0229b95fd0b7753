import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readFileIfPresent, updateSharedFile } from "../../../src/common/sharedFile.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "shared-file-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const addLine =
  (line: string) =>
  (bytes: Buffer | undefined): Buffer =>
    Buffer.from(`${bytes?.toString() ?? ""}${line}\n`);

describe("updateSharedFile", () => {
  it("makes the file for us alone", async () => {
    const path = join(folder, "deep", "file");
    await updateSharedFile(path, addLine("a"));
    expect(await readFile(path, "utf8")).toBe("a\n");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "deep"))).mode & 0o777).toBe(0o700);
  });

  it("leaves the file alone when nothing changes or the change fails", async () => {
    const path = join(folder, "file");
    await updateSharedFile(path, () => undefined);
    expect(await readFileIfPresent(path)).toBeUndefined();
    await updateSharedFile(path, addLine("a"));
    const failing = updateSharedFile(path, () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await readFile(path, "utf8")).toBe("a\n");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("takes over a lock that was left behind", async () => {
    const path = join(folder, "file");
    await writeFile(`${path}.lock`, "somebody who was killed");
    await utimes(`${path}.lock`, 1, 1);
    await updateSharedFile(path, addLine("a"));
    expect(await readFile(path, "utf8")).toBe("a\n");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("loses no line of eight processes that write at once", async () => {
    const path = join(folder, "file");
    const program = join(folder, "writer.cjs");
    await build({
      stdin: {
        contents: `
          import { updateSharedFile } from "./src/common/sharedFile.js";
          const [path, name] = process.argv.slice(2);
          const add = (n) => updateSharedFile(path, (b) => Buffer.from((b?.toString() ?? "") + name + n + "\\n"));
          const run = async () => { for (let n = 0; n < 25; n++) await add(n); };
          run().then(() => process.disconnect());
        `,
        resolveDir: process.cwd(),
        loader: "js",
      },
      bundle: true,
      platform: "node",
      outfile: program,
    });
    const writers = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => fork(program, [path, name]));
    await Promise.all(writers.map((writer) => once(writer, "exit")));
    const lines = (await readFile(path, "utf8")).trim().split("\n");
    expect(new Set(lines).size).toBe(200);
    expect(lines).toHaveLength(200);
  }, 60_000);
});
