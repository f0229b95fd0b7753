import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig, type SyncRig, createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";
import { mountDisk, unmount } from "../../support/files/mount.js";

const isRoot = process.getuid?.() === 0;
const mebibyte = 1024 * 1024;

/** A disk of eight mebibytes can be made as root only. */
describe.skipIf(!isRoot)("a mirror without enough disk space", () => {
  let rig: SyncRig;
  let disk: string;
  let syncs: Syncs;
  beforeAll(async () => {
    rig = await createSyncRig();
    disk = await mkdtemp(join(tmpdir(), "full-"));
    mountDisk("size=8m", disk);
    syncs = createTestSyncs(rig.client.connections, join(disk, "data"));
  });
  afterAll(async () => {
    await syncs.close();
    await unmount(disk);
    await rig.dispose();
    await rm(disk, { recursive: true });
  });
  const filler = (): string => join(disk, "filler");
  const start = () => syncs.start(rig.connection, { root: rig.root, mode: "mirror", interval: 0.05 });

  it("is rejected with advice and a button", async () => {
    await writeFile(join(rig.root, "a.bin"), Buffer.alloc(2 * mebibyte));
    await writeFile(filler(), Buffer.alloc(7 * mebibyte));
    const error = (await start().catch((one: unknown) => one)) as { readonly detail: { code: string } };
    expect(error.detail).toMatchObject({ code: "sync-no-space", needed: 2 * mebibyte });
    expect(describeFailure(error.detail)).toMatchObject({ action: "retry" });
    expect(await syncs.list()).toEqual([]);
  });

  it("starts when there is space, and continues automatically after a full disk", async () => {
    await rm(filler());
    const { id } = await start();
    const copy = syncs.folder(id);
    const isEqual = async (): Promise<boolean> => (await differences(rig.root, copy)).length === 0;
    await until("it is here", isEqual);
    await writeFile(filler(), Buffer.alloc(4 * mebibyte));
    await writeFile(join(rig.root, "b.bin"), Buffer.alloc(3 * mebibyte));
    await until("it is told of", async () => {
      const state = (await syncs.get(id))?.state;
      return state?.kind === "failed" && state.failure.code === "sync-no-space";
    });
    await rm(filler());
    await until("it went on", isEqual, 60_000);
    await until("it says so", async () => (await syncs.get(id))?.state.kind === "waiting");
  });
});
