import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRemoteFiles } from "../../../src/sync/helper/openRemoteFiles.js";
import { createLinkSpeed } from "../../../src/sync/remote/linkSpeed.js";
import { runPass } from "../../../src/sync/pass/pass.js";
import { ordinaryShell } from "../../support/ordinaryShell.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig, type SyncRig, ways } from "../../support/syncRig.js";

describe.each(ways)("a folder that cannot be listed for a while, %s", (_name, options) => {
  let rig: SyncRig;
  const at = (path: string): string => join(rig.root, path);
  const isCopied = (path: string): boolean => existsSync(join(rig.copy, path));
  beforeEach(async () => {
    rig = await createSyncRig({ ...options, shell: ordinaryShell });
    await mkdir(at("a/b"), { recursive: true });
    await mkdir(at("c"));
    for (const path of ["a/x", "a/b/y", "c/z"]) await writeFile(at(path), path);
    await rig.pass();
  });
  afterEach(async () => {
    await chmod(at("a"), 0o755).catch(() => undefined);
    await rig.dispose();
  });

  // Busybox asks who it is and not whether it may: for root, what the mode of a folder lets somebody search can be listed.
  const modes = ["000", "444", ...(options.busyboxOnly ? [] : ["311"])];
  it.each(modes)("keeps what is below it, and loses what went meanwhile: mode %s", async (mode) => {
    await chmod(at("a"), Number.parseInt(mode, 8));
    await rm(at("c/z"));
    await rig.pass();
    expect(isCopied("a/x") && isCopied("a/b/y")).toBe(true);
    expect(isCopied("c/z")).toBe(false);
    await chmod(at("a"), 0o755);
    await rm(at("a/x"));
    await rm(at("a/b"), { recursive: true });
    await rig.pass();
    expect(isCopied("a/x") || isCopied("a/b")).toBe(false);
    expect(await differences(rig.root, rig.copy)).toEqual([]);
  });

  it("is compared as a whole when the helper never saw it", async () => {
    await chmod(at("a"), 0);
    const anew = await openRemoteFiles(rig.connection);
    const pass = () =>
      runPass({
        remote: anew,
        cache: rig.cache,
        root: rig.root,
        mode: "mirror",
        link: createLinkSpeed(),
        signal: new AbortController().signal,
      });
    await pass();
    expect(isCopied("a/b/y")).toBe(true);
    await chmod(at("a"), 0o755);
    await rm(at("a/b/y"));
    await rm(at("a/x"));
    await pass();
    anew.close();
    expect(isCopied("a/b/y") || isCopied("a/x")).toBe(false);
    expect(await differences(rig.root, rig.copy)).toEqual([]);
  });

  it("became a file, and another helper comes: this pass and all later ones work", async () => {
    await chmod(at("a"), 0);
    await rig.pass();
    await chmod(at("a"), 0o755);
    await rm(at("a"), { recursive: true });
    await writeFile(at("a"), "a file");
    await rig.pass();
    const anew = await openRemoteFiles(rig.connection);
    const { root, cache } = rig;
    const signal = new AbortController().signal;
    const pass = () =>
      runPass({ remote: anew, cache, root, mode: "mirror", link: createLinkSpeed(), signal });
    for (const path of ["one", "two"]) {
      await writeFile(at(path), path);
      await pass();
      expect(await differences(root, rig.copy)).toEqual([]);
    }
    anew.close();
  });

  it("is the disk of the linked runs, which is away: what is on it stays", async () => {
    const disk = join(rig.root, "..", "disk");
    await mkdir(join(disk, "run"), { recursive: true });
    await writeFile(join(disk, "run", "meta.json"), "{}");
    await symlink(disk, at("runs"));
    await rig.pass();
    expect(isCopied("runs/run/meta.json")).toBe(true);
    await rename(disk, `${disk}-away`);
    await rm(at("c/z"));
    await rig.pass();
    expect(isCopied("runs/run/meta.json")).toBe(true);
    expect(isCopied("c/z")).toBe(false);
    await rm(join(`${disk}-away`, "run"), { recursive: true });
    await rename(`${disk}-away`, disk);
    await rig.pass();
    expect(isCopied("runs/run/meta.json")).toBe(false);
    expect(isCopied("runs")).toBe(true);
    await rm(at("runs"));
    await rig.pass();
    expect(isCopied("runs")).toBe(false);
  });
});
