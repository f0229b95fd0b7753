import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSnapshot, readSnapshotFile, SnapshotError } from "../../../../src/runs/snapshot/snapshot.js";
import { changedFiles } from "../../../../src/runs/compare/changedFiles.js";

/** Written by Python's `zipfile`, as Runicorn's archives are. */
const program = `
import sys, zipfile, json
out, entries = sys.argv[1], json.loads(sys.argv[2])
import warnings; warnings.simplefilter("ignore")
with zipfile.ZipFile(out, "w", compression=zipfile.ZIP_DEFLATED) as made:
    for name, text, times in entries:
        made.writestr(zipfile.ZipInfo(name) if text is None else name, (text or "") * times, zipfile.ZIP_DEFLATED)
`;
const manyProgram = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as made:
    for number in range(int(sys.argv[2])):
        made.writestr("f%d.py" % number, "")
`;

describe("an archive of source files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "snapshot-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const make = (name: string, entries: readonly (readonly [string, string, number])[]): string => {
    const file = join(folder, name);
    execFileSync("python3", ["-c", program, file, JSON.stringify(entries)]);
    return file;
  };

  it("is listed and read", async () => {
    const archive = make("good.zip", [
      ["train.py", "lr = 1\n", 1],
      ["lib/模型.py", "x\n", 1_000],
      ["lib/", "", 1],
    ]);
    const { files, leftOut } = await readSnapshot(archive);
    expect([...files.values()].map(({ path, bytes }) => [path, bytes])).toEqual([
      ["train.py", 7],
      ["lib/模型.py", 2_000],
    ]);
    expect(leftOut).toBe(0);
    expect((await readSnapshotFile(archive, "lib/模型.py")).toString()).toBe("x\n".repeat(1_000));
    await expect(readSnapshotFile(archive, "other.py")).rejects.toMatchObject({ reason: "missing" });
  });

  it("is not read where a link took its place, or it may not be read", async () => {
    const archive = make("real.zip", [["train.py", "lr = 1\n", 1]]);
    const link = join(folder, "link.zip");
    await symlink(archive, link);
    const guarded = (path: string, may: boolean) => ({ path, mayRead: () => Promise.resolve(may) });
    expect((await readSnapshot(guarded(archive, true))).files.size).toBe(1);
    for (const place of [guarded(link, true), guarded(archive, false)])
      await expect(readSnapshot(place)).rejects.toMatchObject({ reason: "damaged" });
    await expect(readSnapshotFile(guarded(link, true), "train.py")).rejects.toThrow(SnapshotError);
  });

  it("tells which files another one has changed, without unpacking any", async () => {
    const [a, b] = await Promise.all([
      readSnapshot(
        make("a.zip", [
          ["same.py", "1", 1],
          ["lr.py", "1", 1],
          ["old.py", "1", 1],
        ]),
      ),
      readSnapshot(
        make("b.zip", [
          ["new.py", "1", 1],
          ["lr.py", "2", 1],
          ["same.py", "1", 1],
        ]),
      ),
    ]);
    expect(changedFiles(a, b)).toEqual([
      { path: "lr.py", change: "changed" },
      { path: "new.py", change: "added" },
      { path: "old.py", change: "removed" },
    ]);
    expect(changedFiles(a, a)).toEqual([]);
  });

  it("leaves out names that lead elsewhere, and takes the last of two alike", async () => {
    const names = ["../out.py", "/root.py", "a/../../b.py", "c\\d.py", "C:/e.py", "a//b.py", "./f.py"];
    const archive = make("hostile.zip", [
      ...names.map((name) => [name, "x", 1] as const),
      ["good.py", "first", 1],
      ["good.py", "second", 1],
      ["__proto__", "x", 1],
    ]);
    const { files, leftOut } = await readSnapshot(archive);
    expect([...files.keys()]).toEqual(["good.py", "__proto__"]);
    expect(leftOut).toBe(names.length + 1);
    expect((await readSnapshotFile(archive, "good.py")).toString()).toBe("second");
  });

  it("unpacks no file that is too large, whatever the archive says of it", async () => {
    const archive = make("bomb.zip", [["zeros.py", "0", 64 * 1024 * 1024]]);
    await expect(readSnapshotFile(archive, "zeros.py")).rejects.toMatchObject({ reason: "too-large" });
    const bytes = await readFile(archive);
    const central = bytes.lastIndexOf("PK\x01\x02");
    bytes.writeUInt32LE(10, central + 24);
    await writeFile(archive, bytes);
    await expect(readSnapshotFile(archive, "zeros.py")).rejects.toMatchObject({ reason: "damaged" });
  });

  it("says of an encrypted file that it is", async () => {
    const archive = make("encrypted.zip", [["secret.py", "x", 1]]);
    const bytes = await readFile(archive);
    const central = bytes.lastIndexOf("PK\x01\x02");
    bytes.writeUInt16LE(bytes.readUInt16LE(central + 8) | 1, central + 8);
    await writeFile(archive, bytes);
    await expect(readSnapshotFile(archive, "secret.py")).rejects.toMatchObject({ reason: "encrypted" });
    expect((await readSnapshot(archive)).files.size).toBe(1);
  });

  it("may be ZIP64, and has a maximum number of entries", async () => {
    const archive = join(folder, "many.zip");
    execFileSync("python3", ["-c", manyProgram, archive, "70000"]);
    expect((await readSnapshot(archive)).files.size).toBe(70_000);
    expect(await readSnapshotFile(archive, "f69999.py")).toHaveLength(0);
    execFileSync("python3", ["-c", manyProgram, archive, "100005"]);
    const { files, leftOut } = await readSnapshot(archive);
    expect([files.size, leftOut]).toEqual([100_000, 5]);
  }, 60_000);

  it.each([
    ["nothing", ""],
    ["text", "no archive\n".repeat(100)],
    ["half of one", "PK\x03\x04".padEnd(50, "\0")],
  ])("that is %s is damaged", async (_name, text) => {
    const file = join(folder, "damaged.zip");
    await writeFile(file, text, "latin1");
    await expect(readSnapshot(file)).rejects.toMatchObject({ reason: "damaged" });
  });

  it("that is cut anywhere, or has any byte changed, is read or damaged, and nothing else", async () => {
    const whole = await readFile(
      make("whole.zip", [
        ["a.py", "print()\n", 9],
        ["b/c.py", "2", 3],
      ]),
    );
    const file = join(folder, "changed.zip");
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = 255 - (changed[at] ?? 0);
      for (const bytes of [changed, whole.subarray(0, at)]) {
        await writeFile(file, bytes);
        const listed = await readSnapshot(file).catch((error: unknown) => error);
        if (listed instanceof Error) expect(listed).toMatchObject({ reason: "damaged" });
        const read = await readSnapshotFile(file, "a.py").catch((error: unknown) => error);
        if (!(read instanceof Buffer))
          expect(["damaged", "missing", "encrypted", "too-large"]).toContain((read as Error).message);
      }
    }
  }, 30_000);

  it("can be cancelled", async () => {
    const archive = make("cancelled.zip", [["a.py", "1", 1]]);
    await expect(readSnapshot(archive, AbortSignal.abort())).rejects.toThrow("cancelled");
  });
});
