import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FileCalls,
  isInUse,
  removeFile,
  removeLeftovers,
  removeTree,
  renameOver,
  replaceFile,
} from "../../../../src/common/files/replaceFile.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "replace-file-"));
  path = join(folder, "file");
});
afterEach(() => rm(folder, { recursive: true }));

const refusal = (code: string): Error => Object.assign(new Error(`${code}: refused`), { code });

/** A file system on which another program has everything open for so many calls. */
function heldFor(refusals: number, code: string): FileCalls & { readonly count: () => number } {
  let count = 0;
  const refuse = (): void => {
    count += 1;
    if (count <= refusals) throw refusal(code);
  };
  return {
    count: () => count,
    rename: async (from, to) => {
      refuse();
      await rename(from, to);
    },
    unlink: async (file) => {
      refuse();
      await unlink(file);
    },
    rm: async (file, how) => {
      refuse();
      await rm(file, how);
    },
  };
}

describe("replaceFile", () => {
  it("puts a file for us alone in place, and one over another", async () => {
    await replaceFile(path, Buffer.from("one"));
    expect(await readFile(path, "utf8")).toBe("one");
    expect((await stat(path)).mode & 0o777).toBe(process.platform === "win32" ? 0o666 : 0o600);
    await replaceFile(path, Buffer.from("two"), { syncFolder: true });
    expect(await readFile(path, "utf8")).toBe("two");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("lets a function write, and returns what that does", async () => {
    const size = await replaceFile(path, async (file) => (await file.write("three")).bytesWritten);
    expect(size).toBe(5);
    expect(await readFile(path, "utf8")).toBe("three");
  });

  it("leaves the file and nothing else when writing fails, or what comes before the last step", async () => {
    await writeFile(path, "before");
    const no = (): Promise<void> => Promise.reject(new Error("no"));
    await expect(replaceFile(path, no)).rejects.toThrow("no");
    await expect(replaceFile(path, Buffer.from("after"), { beforeRename: no })).rejects.toThrow("no");
    expect(await readFile(path, "utf8")).toBe("before");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("writes under a name with the caller's token", async () => {
    const seen: string[] = [];
    const beforeRename = async (): Promise<void> => void seen.push(...(await readdir(folder)));
    await replaceFile(path, Buffer.from("one"), { token: "abc", beforeRename });
    expect(seen).toEqual(["file.abc.new"]);
  });

  it("gives up in the end on a file that stays in use, and leaves nothing beside it", async () => {
    await writeFile(path, "before");
    const calls = { ...heldFor(Infinity, "EPERM"), unlink };
    const began = performance.now();
    const error = await replaceFile(path, Buffer.from("after"), { calls, patience: 200 }).catch(
      (e: unknown) => e,
    );
    expect(isInUse(error)).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(200);
    expect(await readFile(path, "utf8")).toBe("before");
    expect(await readdir(folder)).toEqual(["file"]);
  });
});

describe.each(["EPERM", "EACCES", "EBUSY"])("a file that is refused with %s for a while", (code) => {
  it("is replaced when it is let go of", async () => {
    const calls = heldFor(3, code);
    await replaceFile(path, Buffer.from("one"), { calls, patience: 5_000 });
    expect(await readFile(path, "utf8")).toBe("one");
    expect(calls.count()).toBe(4);
  });

  it("is removed when it is let go of", async () => {
    await writeFile(path, "");
    await removeFile(path, { calls: heldFor(3, code), patience: 5_000 });
    expect(await readdir(folder)).toEqual([]);
  });

  it("is removed with its folder when it is let go of", async () => {
    await mkdir(join(path, "deep"), { recursive: true });
    await removeTree(path, { calls: heldFor(3, code), patience: 5_000 });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("a file that is refused for another reason", () => {
  it("is not retried", async () => {
    const calls = heldFor(1, "EIO");
    await expect(renameOver(path, `${path}2`, { calls })).rejects.toThrow("EIO");
    expect(calls.count()).toBe(1);
  });
});

describe("removeFile", () => {
  it("succeeds for a missing file, even if a parent folder is a file", async () => {
    await removeFile(path);
    await writeFile(path, "");
    await removeFile(join(path, "below"));
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("removes no folder", async () => {
    await mkdir(path);
    await expect(removeFile(path, { patience: 0 })).rejects.toThrow();
  });
});

describe("removeLeftovers", () => {
  it("removes temporary files of a replacement, and nothing else", async () => {
    const kept = ["file", "file.new", "file.0a.newer", "file2.0a.new", "file.note.new"];
    for (const name of [...kept, "file.0a1b.new"]) await writeFile(join(folder, name), "");
    await removeLeftovers(path);
    expect((await readdir(folder)).sort()).toEqual(kept.sort());
    await removeLeftovers(join(folder, "missing", "file"));
  });
});

describe("removeTree", () => {
  it("removes a folder with all that is in it, a file, and what is not there", async () => {
    await mkdir(join(path, "deep"), { recursive: true });
    await writeFile(join(path, "deep", "one"), "");
    await removeTree(path);
    await writeFile(path, "");
    await removeTree(join(path, "below"));
    await removeTree(path);
    await removeTree(path);
    expect(await readdir(folder)).toEqual([]);
  });

  it("does not follow links", async () => {
    const kept = join(folder, "kept");
    await mkdir(path);
    await writeFile(kept, "");
    await symlink(folder, join(path, "link"));
    await removeTree(path);
    expect(await readdir(folder)).toEqual(["kept"]);
  });
});
