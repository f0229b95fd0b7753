import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileInPlace } from "../../../../src/sync/inPlace/fileInPlace.js";
import { createRootFiles } from "../../../../src/sync/inPlace/rootFiles.js";

const here = "this machine";

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "in-place-"));
  root = join(folder, "root");
  await mkdir(join(root, "p", "run"), { recursive: true });
  await writeFile(join(root, "p", "run", "log"), "text");
  await writeFile(join(folder, "secret"), "no run");
});
afterEach(() => rm(folder, { recursive: true }));

const codeOf = (path: string): Promise<unknown> =>
  fileInPlace(createRootFiles(root, folder), path, here).then(
    ({ path: found }) => found,
    (error: { detail?: { code: string } }) => error.detail?.code,
  );

describe("a file of a root of this machine", () => {
  it("is where it lies, and as it is now", async () => {
    expect(await fileInPlace(createRootFiles(root, folder), "p/run/log", here)).toMatchObject({
      path: join(root, "p", "run", "log"),
      fresh: true,
    });
  });

  it("is missing where there is none, or where the path leads elsewhere", async () => {
    for (const path of ["none", "p/run", "p/run/log/more", "", "../secret", "/etc/passwd", "p/../../secret"])
      expect(await codeOf(path), path).toBe("sync-file-missing");
  });

  it("is missing where a listing would not follow a link, and there below the link of the runs alone", async () => {
    await symlink(join(folder, "secret"), join(root, "p", "link"));
    await symlink(folder, join(root, "elsewhere"));
    await mkdir(join(folder, "disk"));
    await writeFile(join(folder, "disk", "log"), "on a larger disk");
    await symlink(join(folder, "disk"), join(root, "runs"));
    expect(await codeOf("p/link")).toBe("sync-file-missing");
    expect(await codeOf("elsewhere/secret")).toBe("sync-file-missing");
    expect(await codeOf("runs/log")).toBe(join(root, "runs", "log"));
  });

  it("is no pipe, socket or device", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    const server = createServer().listen(join(root, "socket"));
    await once(server, "listening");
    await symlink("/dev/zero", join(root, "device"));
    for (const path of ["pipe", "socket", "device"]) expect(await codeOf(path)).toBe("sync-file-missing");
    server.close();
  });

  it.skipIf(process.getuid?.() === 0)("that may not be read is said to be so", async () => {
    await chmod(join(root, "p", "run", "log"), 0o000);
    expect(await codeOf("p/run/log")).toBe("sync-file-not-readable");
    await chmod(join(root, "p", "run"), 0o000);
    expect(await codeOf("p/run/log")).toBe("sync-file-not-readable");
    await chmod(join(root, "p", "run"), 0o755);
  });
});
