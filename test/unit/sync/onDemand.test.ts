import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRootFiles } from "../../../src/sync/inPlace/rootFiles.js";
import { createOnDemand, type OnDemand, type OnDemandOptions } from "../../../src/sync/onDemand.js";

const stamp = { size: 4, mtime: "1.000000000", ctime: "1.000000000", inode: "1", mode: 0o644 };

let folder: string;
let root: string;
let onDemand: OnDemand;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "end-in-place-"));
  root = join(folder, "root");
  await mkdir(join(root, "runs", "r"), { recursive: true });
  await writeFile(join(root, "runs", "r", "logs.txt"), "text");
  const manifest = { get: () => ({ seen: stamp, held: stamp }) };
  const cache = { files: createRootFiles(root, folder), manifest };
  // Nobody is connected: it was stopped, or VS Code has just begun.
  onDemand = createOnDemand({
    copy: { open: () => Promise.resolve({ cache }) },
    sync: () => ({ host: "this machine", root, mode: "in-place" }),
    connection: () => undefined,
  } as unknown as OnDemandOptions);
});
afterEach(() => rm(folder, { recursive: true }));

const endOf = (path: string): Promise<string | undefined> =>
  onDemand.readEnd(path, { most: 100 }).then(
    ({ bytes }) => bytes.toString(),
    (error: { detail?: { code: string } }) => error.detail?.code,
  );

describe("the end of a file of a root of this machine", () => {
  it("is read where it lies", async () => {
    expect(await endOf("runs/r/logs.txt")).toBe("text");
  });

  it("is not read where a link has taken its place, or that of its folder, since it was listed", async () => {
    await mkdir(join(folder, "private"));
    await writeFile(join(folder, "private", "logs.txt"), "no run");
    await rename(join(root, "runs", "r"), join(root, "runs", "moved"));
    await symlink(join(folder, "private"), join(root, "runs", "r"));
    expect(await endOf("runs/r/logs.txt")).toBe("sync-file-missing");
    await rm(join(root, "runs", "moved", "logs.txt"));
    await symlink(join(folder, "private", "logs.txt"), join(root, "runs", "moved", "logs.txt"));
    expect(await endOf("runs/moved/logs.txt")).toBe("sync-file-missing");
  });
});
