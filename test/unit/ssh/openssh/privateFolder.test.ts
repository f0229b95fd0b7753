import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  makePrivateFolder,
  type PrivateFolder,
  type PrivateFolderSystem,
} from "../../../../src/ssh/openssh/privateFolder.js";

let temporary: string;
let made: PrivateFolder[];
const { pid } = spawnSync(process.execPath, ["-e", ""]);

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "t-"));
  made = [];
});
afterEach(async () => {
  for (const folder of made) await folder.dispose();
  await rm(temporary, { recursive: true });
});

async function make(system: Partial<PrivateFolderSystem> = {}): Promise<PrivateFolder> {
  const start = await makePrivateFolder({ platform: process.platform, temporary, ...system });
  if (start.kind === "unable") throw new Error(start.reason);
  made.push(start.folder);
  return start.folder;
}

/** A folder as a program of this account left it when it was killed, under the number of that program. */
async function leave(of: number | string, ending = "abcdef"): Promise<string> {
  const template = await make();
  const path = join(
    temporary,
    basename(template.path).replace(`-${process.pid}-`, `-${of}-`).slice(0, -6) + ending,
  );
  await rename(template.path, path);
  return path;
}

describe("a private folder", () => {
  it("is for us alone, short, and goes with what we put there", async () => {
    const folder = await make();
    if (process.platform !== "win32") expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    expect(folder.path.length).toBeLessThan(90);
    for (const name of ["config", "key-0.pub", "key-12.pub", "tell.sh", "host-key", "askpass.sh", "a"]) {
      await writeFile(join(folder.path, name), "");
    }
    for (const name of ["m", "m.MnhFfnpkdYYZrsUc", "s", "s1", "s12"])
      await writeFile(join(folder.path, name), "");
    await folder.dispose();
    expect(existsSync(folder.path)).toBe(false);
  });

  it("takes those of killed programs along, and leaves those of others", async () => {
    const abandoned = await leave(pid);
    await writeFile(join(abandoned, "config"), "");
    const running = await leave(process.ppid);
    const elsewhere = join(temporary, `runicorn-${pid}-zzzz-abcdef`);
    const foreign = join(temporary, `runicorn-notes-${pid}`);
    for (const folder of [elsewhere, foreign]) await mkdir(folder, { mode: 0o700 });
    await make();
    expect([abandoned, running, elsewhere, foreign].map((path) => existsSync(path))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});

describe.skipIf(process.platform === "win32")(
  "something named like an abandoned folder that is not ours",
  () => {
    it("is kept with its contents: a link, a folder that others may write to, one with other names", async () => {
      const home = join(temporary, "home");
      await mkdir(home, { mode: 0o700 });
      await writeFile(join(home, "config"), "precious");
      const link = await leave(pid, "aaaaaa");
      await rm(link, { recursive: true });
      await symlink(home, link);
      const open = await leave(pid, "bbbbbb");
      await writeFile(join(open, "config"), "");
      await chmod(open, 0o777);
      const other = await leave(pid, "cccccc");
      await symlink(home, join(other, "config"));
      await mkdir(join(other, "m"));
      await writeFile(join(other, "m", "config"), "");
      await writeFile(join(other, "thesis.tex"), "");
      await make();
      expect(await readdir(home)).toEqual(["config"]);
      expect(existsSync(link)).toBe(true);
      expect(await readdir(open)).toEqual(["config"]);
      // The link itself was ours to remove.
      expect((await readdir(other)).sort()).toEqual(["m", "thesis.tex"]);
      expect(await readdir(join(other, "m"))).toEqual(["config"]);
    });

    it.skipIf(process.getuid?.() !== 0)("is kept if another account owns it (needs root)", async () => {
      const theirs = await leave(pid);
      await writeFile(join(theirs, "config"), "");
      await chown(theirs, 12_345, 12_345);
      await make();
      expect(await readdir(theirs)).toEqual(["config"]);
    });
  },
);

describe("the folder for temporary files", () => {
  const long = (): Promise<string> => {
    const path = join(temporary, "first.last.DOMAIN".repeat(5));
    return mkdir(path, { mode: 0o700 }).then(() => path);
  };

  it("is used on Windows however long its path is: no socket lies there", async () => {
    const path = await long();
    expect((await make({ platform: "win32", temporary: path })).path.startsWith(path)).toBe(true);
  });

  it.skipIf(process.platform === "win32")("is another one where sockets would not fit", async () => {
    expect((await make({ temporary: await long() })).path).toMatch(/^\/tmp\/runicorn-/);
  });

  it.skipIf(process.platform === "win32")("is another one where others could exchange ours", async () => {
    await chmod(temporary, 0o777);
    expect((await make()).path).toMatch(/^\/tmp\/runicorn-/);
    await chmod(temporary, 0o1777);
    expect((await make()).path.startsWith(temporary)).toBe(true);
  });

  it("that is missing is told, not thrown", async () => {
    const start = await makePrivateFolder({ platform: "win32", temporary: join(temporary, "missing") });
    expect(start).toMatchObject({ kind: "unable", reason: expect.stringContaining("ENOENT") as string });
  });
});
