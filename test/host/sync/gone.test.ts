import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import type { SyncState } from "../../../src/sync/syncState.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig, type SyncRig, createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

describe("a mirror whose files are gone from the host", () => {
  let rig: SyncRig;
  let syncs: Syncs;
  let id: string;
  const count = 40;
  const window = (): Syncs => createTestSyncs(rig.client.connections, join(rig.cacheFolder, "data"));
  const request = () => ({ root: rig.root, mode: "mirror", interval: 0.05 }) as const;
  const state = async (): Promise<SyncState | undefined> => (await syncs.get(id))?.state;
  const here = (): Promise<string[]> => readdir(syncs.folder(id));
  // By itself a mirror looks at what is at rest when it has processor time for it: whoever asks has all of it looked at.
  const equal = async (): Promise<boolean> => {
    await syncs.syncNow(id);
    return (await differences(rig.root, syncs.folder(id))).length === 0;
  };
  const aside = (): string => `${rig.root}.aside`;
  const told = async (why: string, files = count): Promise<void> => {
    await until("it is told", async () => {
      await syncs.syncNow(id);
      return JSON.stringify(await state()).includes(`"why":"${why}"`);
    });
    expect(await state()).toMatchObject({
      failure: { code: "sync-much-gone", root: rig.root, files, of: count, why },
    });
  };

  beforeEach(async () => {
    rig = await createSyncRig();
    for (let index = 0; index < count; index += 1)
      await writeFile(join(rig.root, `${index}.txt`), `${index}`);
    syncs = window();
    ({ id } = await syncs.start(rig.connection, request()));
    await until("equal", equal);
    await until("at rest", async () => (await state())?.kind === "waiting");
  });
  afterEach(async () => {
    await syncs.close();
    await rm(aside(), { recursive: true, force: true });
    await rig.dispose();
  });

  it("since a disk is not mounted: keeps them, says so, and goes on when it is", async () => {
    await rename(rig.root, aside());
    await mkdir(rig.root);
    await told("empty");
    const failure = ((await state()) as Extract<SyncState, { kind: "failed" }>).failure;
    expect(describeFailure(failure).message).toBe(
      `The ${count} files that were copied from ${rig.root} are gone: it is empty now.`,
    );
    await syncs.syncNow(id);
    expect(await here()).toHaveLength(count);
    await rm(rig.root, { recursive: true });
    await rename(aside(), rig.root);
    await writeFile(join(rig.root, "new.txt"), "new");
    await syncs.syncNow(id);
    await until("equal", equal);
    await until("at rest", async () => (await state())?.kind === "waiting");
  });

  it("because another folder is there: keeps them, even if only a window that is now closed knew the first one", async () => {
    await syncs.close();
    await rename(rig.root, aside());
    await mkdir(rig.root);
    for (let index = 1; index < count; index += 1)
      await writeFile(join(rig.root, `${index}.txt`), `${index}`);
    syncs = window();
    await expect(syncs.start(rig.connection, request())).rejects.toMatchObject({
      detail: { code: "sync-much-gone", files: 1, why: "other-folder" },
    });
    expect(await here()).toHaveLength(count);
    const again = syncs.start(rig.connection, request());
    await expect(again).rejects.toMatchObject({ detail: { code: "sync-much-gone" } });
    expect(await here()).toHaveLength(count);
  });

  it("most of them at once: removes them when a person says so, and asks anew the next time", async () => {
    // No pass comes between the first that is removed and the last.
    const seldom = { ...request(), interval: 600 };
    const removeAtOnce = async (from: number, end: number): Promise<void> => {
      await until("at rest", async () => (await state())?.kind === "waiting");
      for (let index = from; index < end; index += 1) await rm(join(rig.root, `${index}.txt`));
      await syncs.syncNow(id);
    };
    await syncs.start(rig.connection, seldom);
    await syncs.syncNow(id);
    await removeAtOnce(0, count / 2 + 1);
    await told("many", count / 2 + 1);
    expect(await here()).toHaveLength(count);
    // Neither a start nor another choice says so.
    const again = syncs.start(rig.connection, { ...seldom, exclude: ["*.pt"] });
    await expect(again).rejects.toMatchObject({ detail: { code: "sync-much-gone" } });
    expect(await here()).toHaveLength(count);
    await syncs.removeGone(id);
    await until("equal", equal);
    await removeAtOnce(count / 2 + 1, count);
    await until("it is told", async () => {
      await syncs.syncNow(id);
      return JSON.stringify(await state()).includes('"why":"empty"');
    });
    await syncs.removeGone(id);
    await until("empty here too", async () => (await here()).length === 0);
  });

  it("removes them when a person says so while they are looked at once more", async () => {
    await rename(rig.root, aside());
    await mkdir(rig.root);
    await told("empty");
    const said = new Promise<void>((resolve) => {
      const say = async (): Promise<void> => {
        if ((await state())?.kind !== "scanning") return;
        listening.dispose();
        resolve(syncs.removeGone(id));
      };
      const listening = syncs.onDidChange(() => void say());
    });
    await syncs.syncNow(id);
    await said;
    await until("empty here too", async () => (await here()).length === 0);
  });

  it("some of them: removes those", async () => {
    for (let index = 0; index < count / 2; index += 1) await rm(join(rig.root, `${index}.txt`));
    await until("equal", equal);
    expect(await readFile(join(syncs.folder(id), "39.txt"), "utf8")).toBe("39");
  });

  it("and more of them than a person was told of: asks anew", async () => {
    const seldom = { ...request(), interval: 600 };
    await syncs.start(rig.connection, seldom);
    await syncs.syncNow(id);
    await until("at rest", async () => (await state())?.kind === "waiting");
    for (let index = 0; index < 25; index += 1) await rm(join(rig.root, `${index}.txt`));
    await syncs.syncNow(id);
    await told("many", 25);
    await rm(join(rig.root, "25.txt"));
    await syncs.removeGone(id);
    await until("it is told", async () => JSON.stringify(await state()).includes('"files":26'));
    expect(await here()).toHaveLength(count);
    await syncs.removeGone(id);
    await until("equal", equal);
  });

  it("most of those that are not excluded: does not count what is", async () => {
    for (let index = 0; index < 2 * count; index += 1)
      await writeFile(join(rig.root, `${index}.pt`), `${index}`);
    await until("equal", equal);
    const seldom = { ...request(), interval: 600, exclude: ["*.pt"] };
    await syncs.start(rig.connection, seldom);
    await syncs.syncNow(id);
    await until("at rest", async () => (await state())?.kind === "waiting");
    for (let index = 0; index <= count / 2; index += 1) await rm(join(rig.root, `${index}.txt`));
    await syncs.syncNow(id);
    await told("many", count / 2 + 1);
    expect(await here()).toHaveLength(3 * count);
  });
});
