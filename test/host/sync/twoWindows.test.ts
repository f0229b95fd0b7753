import { appendFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Syncs } from "../../../src/sync/syncs.js";
import { createTestClient, type TestClient } from "../../support/client.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

/** What one window does with a copy that another one keeps. */
describe("two windows with one copy", () => {
  let sshd: Sshd;
  let root: string;
  let dataFolder: string;
  let clients: TestClient[];
  /** The first one keeps the copy. */
  let windows: Syncs[];
  let id: string;
  const file = (): string => join(root, "runs", "a", "1", "events.jsonl");
  const stateIn = async (window: Syncs | undefined): Promise<string | undefined> =>
    (await window?.get(id))?.state.kind;

  beforeEach(async () => {
    sshd = await startSshd();
    root = join(sshd.home, "root");
    await mkdir(join(root, "runs", "a", "1"), { recursive: true });
    await writeFile(file(), "one\n");
    clients = await Promise.all([createTestClient(), createTestClient()]);
    dataFolder = join(clients[0]!.home, "data");
    windows = clients.map(({ connections }) => createTestSyncs(connections, dataFolder));
    const connection = await clients[0]!.connectTo(sshd);
    const request = { root, mode: "mirror", interval: 0.05, wanted: true } as const;
    ({ id } = await windows[0]!.start(connection, request));
    await until("it is copied", async () => (await windows[0]!.get(id))?.syncedAt !== undefined);
  });
  afterEach(async () => {
    await Promise.all(windows.map((window) => window.close()));
    await Promise.all(clients.map((client) => client.dispose()));
    await sshd.stop();
  });

  it("stops in both when it is stopped in one", async () => {
    await windows[1]!.stop(id);
    await until("the one that kept it has stopped", async () => (await stateIn(windows[0])) === "stopped");
    await until("it is not paused", async () => (await windows[0]!.get(id))?.wanted === false);
    expect(await readdir(join(dataFolder, "sync", id))).not.toContain("lock");
  });

  it("goes in both when it is removed in one, and stays gone", async () => {
    await windows[1]!.forget(id);
    expect(await readdir(join(dataFolder, "sync"))).toEqual([]);
    await appendFile(file(), "two\n");
    await until("it has stopped", async () => (await stateIn(windows[0])) === "stopped");
    expect(await windows[0]!.list()).toEqual([]);
    expect(await readdir(join(dataFolder, "sync"))).toEqual([]);
  });

  it("applies options in both when they are changed in one", async () => {
    const connection = await clients[1]!.connectTo(sshd);
    await windows[1]!.start(connection, { root, mode: "mirror", keepGone: true, exclude: ["*.pt"] });
    await windows[1]!.close();
    await writeFile(join(root, "weights.pt"), "weights");
    await writeFile(join(root, "notes.txt"), "notes");
    const copy = windows[0]!.folder(id);
    await until("it is copied", async () => (await readdir(copy)).includes("notes.txt"));
    await windows[0]!.syncNow(id);
    expect(await readdir(copy)).not.toContain("weights.pt");
    expect(await windows[0]!.get(id)).toMatchObject({ keepGone: true, exclude: ["*.pt"] });
  });
});
