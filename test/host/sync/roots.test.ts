import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSyncRig, type SyncRig, createTestSyncs, ways } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

describe.each(ways)("a root %s", (_name, options) => {
  let rig: SyncRig;
  beforeAll(async () => {
    rig = await createSyncRig(options);
    await symlink("/proc", join(rig.root, "proc"));
  });
  afterAll(() => rig.dispose());
  const list = async (root: string): Promise<string[]> => {
    const paths: string[] = [];
    await rig.remote.scan(root, (changes) => {
      for (const change of changes) if (change.kind === "present") paths.push(change.entry.path);
    });
    return paths.sort();
  };

  it.each(["/", "/proc", "/proc/self", "/sys", "/dev", "/dev/pts"])(
    "of the system is refused at once: %s",
    async (root) => {
      await expect(list(root)).rejects.toMatchObject({ detail: { code: "sync-root-is-system", root } });
    },
  );

  it("that leads to the system is refused as well", async () => {
    const root = join(rig.root, "proc");
    await expect(list(root)).rejects.toMatchObject({ detail: { code: "sync-root-is-system", root } });
  });

  it("in memory that programs share is none of the system", async () => {
    const folder = await mkdtemp("/dev/shm/root-");
    await writeFile(join(folder, "a"), "");
    expect(await list(folder)).toEqual(["a"]);
    await rm(folder, { recursive: true });
  });

  it("that holds copies of ours is listed without them, and with all that only looks like them", async () => {
    const data = join(rig.root, "data/sync");
    const like = "0123456789abcdef01234567";
    for (const name of [like.replace("0", "f"), like.slice(1), like]) {
      await mkdir(join(data, name, "files"), { recursive: true });
      if (name !== like) await writeFile(join(data, name, "sync.json"), "{}");
    }
    expect((await list(rig.root)).filter((path) => path.startsWith("data/sync/"))).toEqual([
      `data/sync/${like}`,
      `data/sync/${like}/files`,
      `data/sync/${like.slice(1)}`,
      `data/sync/${like.slice(1)}/files`,
      `data/sync/${like.slice(1)}/sync.json`,
    ]);
  });
});

it("a mirror of what holds its own copy does not copy that, however often it passes", async () => {
  const rig = await createSyncRig();
  const syncs = createTestSyncs(rig.client.connections, join(rig.root, ".data"));
  await writeFile(join(rig.root, "model.bin"), "x");
  const request = { root: rig.root, mode: "mirror", interval: 0.02 } as const;
  const { id } = await syncs.start(rig.connection, request);
  await until("ten passes", async () => ((await syncs.get(id))?.stats.scans ?? 0) >= 10);
  expect((await readdir(syncs.folder(id))).sort()).toEqual([".data", "model.bin"]);
  expect(await readdir(join(syncs.folder(id), ".data/sync"))).toEqual([]);
  await syncs.close();
  await rig.dispose();
});
