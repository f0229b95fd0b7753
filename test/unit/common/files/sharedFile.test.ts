import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readFileIfPresent, updateSharedFile } from "../../../../src/common/files/sharedFile.js";
import { buildProgram, killPrograms, stopProgram } from "../../../support/files/bundle.js";
import { sharedFileRun } from "../../../support/files/sharedFileRun.js";
import type { Written } from "../../../support/files/sharedFileWriter.js";
import { until } from "../../../support/until.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "shared-file-"));
});
afterEach(async () => {
  await killPrograms();
  await rm(folder, { recursive: true });
});

const addLine =
  (line: string) =>
  (bytes: Buffer | undefined): Buffer =>
    Buffer.from(`${bytes?.toString() ?? ""}${line}\n`);

describe.skipIf(process.platform === "win32")("a path that is no regular file", () => {
  it("does not block if it or its lock is a pipe", async () => {
    const [pipe, path] = [join(folder, "pipe"), join(folder, "file")];
    execFileSync("mkfifo", [pipe, `${path}.lock`]);
    await expect(readFileIfPresent(pipe)).rejects.toMatchObject({ detail: { code: "local-file-irregular" } });
    await expect(updateSharedFile(path, addLine("a"))).rejects.toMatchObject({
      detail: { code: "local-file-irregular", file: `${path}.lock` },
    });
  });

  it("reads as empty if it is a device", async () => {
    expect(await readFileIfPresent("/dev/null")).toEqual(Buffer.alloc(0));
    expect(await readFileIfPresent("/dev/zero")).toEqual(Buffer.alloc(0));
  });
});

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

  it("says which file is in use when it stays so, and leaves it alone", async () => {
    const path = join(folder, "file");
    await updateSharedFile(path, addLine("a"));
    const busy = (): Promise<void> => Promise.reject(Object.assign(new Error("EBUSY"), { code: "EBUSY" }));
    const failing = updateSharedFile(path, addLine("b"), {
      calls: { rename: busy, unlink, rm },
      patience: 50,
    });
    await expect(failing).rejects.toMatchObject({ detail: { code: "local-file-in-use", file: path } });
    expect(await readFile(path, "utf8")).toBe("a\n");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("applies concurrent changes one at a time, in order", async () => {
    const path = join(folder, "file");
    const lines = Array.from({ length: 40 }, (_, at) => String(at));
    await Promise.all(lines.map((line) => updateSharedFile(path, addLine(line))));
    expect((await readFile(path, "utf8")).trim().split("\n")).toEqual(lines);
  });

  it("takes over an abandoned lock", async () => {
    const path = join(folder, "file");
    await writeFile(`${path}.lock`, "somebody who was killed");
    await utimes(`${path}.lock`, 1, 1);
    await updateSharedFile(path, addLine("a"));
    expect(await readFile(path, "utf8")).toBe("a\n");
    expect(await readdir(folder)).toEqual(["file"]);
  });
});

describe("two processes that write a file, and one that reads it", () => {
  it.each([
    ["and nobody else has it open", 0],
    ["and another program has it open most of the time, as on Windows", 100],
  ])("never fail, lose nothing and see nothing half written, %s", async (_, heldFor) => {
    const { writers, reader, failures } = await sharedFileRun({ folder, milliseconds: 2_000, heldFor });
    expect(failures).toEqual([]);
    for (const { writes } of writers) expect(writes).toBeGreaterThan(0);
    expect(reader.reads).toBeGreaterThan(0);
    const refused = writers.reduce((sum, writer) => sum + writer.refused, 0);
    expect(refused > 0).toBe(heldFor > 0);
    expect(await readdir(join(folder, "data"))).toEqual(["file"]);
  });
});

describe("eight processes that write a file", () => {
  it("lose nothing", async () => {
    const path = join(folder, "data", "file");
    const start = await buildProgram(folder, "sharedFileWriter.ts");
    await mkdir(join(folder, "open"));
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const writers = names.map((name) => start([path, name, join(folder, "open")]));
    await Promise.all(writers.map((writer) => once(writer, "message")));
    await until("each has written", async () => {
      const counts = JSON.parse((await readFileIfPresent(path))?.toString() ?? "{}") as Record<
        string,
        number
      >;
      return names.every((name) => (counts[name] ?? 0) > 3);
    });
    const said = await Promise.all(writers.map(stopProgram));
    const counts = JSON.parse(await readFile(path, "utf8")) as Record<string, number>;
    for (const [index, written] of (said as Written[]).entries()) {
      expect(written.failures).toEqual([]);
      expect(counts[names[index]!]).toBe(written.writes);
    }
  });
});
