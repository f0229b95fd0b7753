import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isMetadata, onlyGrows } from "../../../../src/sync/runIndex/layout.js";
import { createSafeRemoval, type SafeRemoval } from "../../../../src/sync/cache/safeRemoval.js";

const stamp = { size: 1, mtime: "1.000000000", ctime: "1.000000000", inode: "7", mode: 0o644 };

describe("a file removed from a copy that keeps deleted files", () => {
  let folder: string;
  let keeps: boolean;
  /** The files that are known as earlier states of what comes. */
  let held: Set<string>;
  let removal: SafeRemoval;
  const files = (): string => join(folder, "files");
  const put = async (path: string, text: string): Promise<string> => {
    const file = join(files(), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  /** What is set aside, without the folders that tell the time. */
  const aside = async (): Promise<string[]> => {
    const all = await readdir(join(folder, "set-aside"), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    const texts = all
      .filter((one) => one.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name).slice(join(folder, "set-aside").length + 1);
        return `${path.replace(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{8}\//, "")}: ${await readFile(join(parentPath, name), "utf8")}`;
      });
    return (await Promise.all(texts)).sort();
  };
  /** As if this came in the place of a file that holds `before`. */
  const replace = async (path: string, before: string, after: string): Promise<void> => {
    const by = join(folder, "staged");
    await writeFile(by, after);
    await removal.replace(path, await put(path, before), by);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "way-"));
    [keeps, held] = [true, new Set()];
    removal = createSafeRemoval({
      files: files(),
      asideFolder: join(folder, "set-aside"),
      manifest: {
        get: (path) => (held.has(path) ? { path, kind: "file", seen: stamp, held: stamp } : undefined),
      },
      right: { token: "", check: () => Promise.resolve() },
      keep: { isChosen: () => Promise.resolve(keeps), isRewritten: isMetadata, onlyGrows },
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is set aside with its path, each time again, and removed if nothing is kept", async () => {
    await removal.remove(await put("runs/a/x", "one"));
    await removal.remove(await put("runs/a/x", "two"));
    await removal.remove(await put("runs/b", "a file"));
    await removal.remove(await put("runs/a/x/deep", "below a file"));
    keeps = false;
    await removal.remove(await put("other", "gone"));
    expect(await aside()).toEqual([
      "runs/a/x/deep: below a file",
      "runs/a/x: one",
      "runs/a/x: two",
      "runs/b: a file",
    ]);
    expect((await readdir(files(), { recursive: true })).sort()).toEqual(["runs", "runs/a", "runs/a/x"]);
  });

  it.each<[path: string, before: string, after: string, isEarlier: boolean, isKept: boolean]>([
    ["x.pt", "long", "sho", true, true],
    ["x.pt", "same", "size", true, false],
    ["x.pt", "same", "longer", true, false],
    ["x.pt", "grow", "growing", false, false],
    ["x.pt", "kept", "another", false, true],
    ["x.pt", "kept", "an", false, true],
    ["runs/a/1/logs.txt", "begin", "beginning", true, false],
    ["runs/a/1/logs.txt", "begin", "began anew", true, true],
    ["runs/a/1/summary.json", "{four}", "{six}", true, false],
    ["runs/a/1/summary.json", "{four}", "{}", true, true],
    ["runs/a/1/summary.json", "{four}", "{six}", false, true],
  ])(
    "of %s, %j by %j, known as earlier: %s, set aside: %s",
    async (path, before, after, isEarlier, isKept) => {
      if (isEarlier) held.add(path);
      await replace(path, before, after);
      expect(await aside()).toEqual(isKept ? [`${path}: ${before}`] : []);
      keeps = false;
      await replace(path, before, after);
      expect(await aside()).toHaveLength(Number(isKept));
    },
  );

  it("is set aside a limited number of times when it is truncated repeatedly, and again when it is another file", async () => {
    held.add("x");
    for (let times = 0; times < 22; times += 1) await replace("x", `${times}, longer`, "short");
    expect(await aside()).toHaveLength(20);
    held.clear();
    await replace("x", "another", "short");
    expect(await aside()).toHaveLength(21);
  });

  it("keeps undecodable bytes of a name, and skips a path that would be too long", async () => {
    const deep = Array.from({ length: 60 }, () => "d".repeat(100))
      .join("/")
      .slice(0, 4_080 - files().length);
    await removal.remove(await put(deep, "deep"));
    expect(await aside()).toContain(`${deep.slice(deep.lastIndexOf("/") + 1)}: deep`);
    const odd = Buffer.concat([Buffer.from(`${files()}/`), Buffer.from([0x61, 0xff])]);
    await mkdir(files(), { recursive: true });
    await writeFile(odd, "odd");
    await removal.remove(odd);
    const begun = await readdir(join(folder, "set-aside"));
    const kept = begun.map((name) => readdir(join(folder, "set-aside", name), { encoding: "buffer" }));
    expect((await Promise.all(kept)).flat()).toContainEqual(Buffer.from([0x61, 0xff]));
  });
});
