import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { createSyncs, type Syncs } from "../../../src/sync/syncs.js";
import type { SyncState } from "../../../src/sync/syncState.js";
import { createTestClient, type TestClient } from "../../support/client.js";
import { differences } from "../../support/rsync.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { neverAgain } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

describe("a mode that the user switched on", () => {
  let sshd: Sshd;
  let client: TestClient;
  let syncs: Syncs;
  let root: string;
  let id: string;
  /** How often a connection was wanted that nobody asked for. */
  let wantedAgain: number;

  const program = (): Syncs =>
    createSyncs({
      dataFolder: client.home,
      connections: client.connections,
      connectAgain: () => {
        wantedAgain += 1;
        return neverAgain();
      },
      logger: silentLogger,
    });
  const connect = (): Promise<Connection> => client.connectTo(sshd);
  const stateOf = async (of: string): Promise<SyncState["kind"] | undefined> =>
    (await syncs.get(of))?.state.kind;
  const equals = async (): Promise<boolean> => (await differences(root, syncs.folder(id))).length === 0;
  const restart = async (): Promise<void> => {
    await syncs.close();
    await client.connections.closeAll();
    syncs = program();
  };
  const goesOn = async (): Promise<void> => {
    await writeFile(join(root, `${Math.random()}.txt`), "new");
    await until("equal", equals);
    expect(wantedAgain).toBe(0);
  };
  /** Everything that a connection sets off has happened: what begins at it was asked for before this was. */
  const staysOff = async (): Promise<void> => {
    const connection = await connect();
    const { id: other } = await syncs.start(connection, { root: join(sshd.home, "other"), mode: "mirror" });
    await until("the other is here", async () => (await stateOf(other)) === "waiting");
    await syncs.forget(other);
    expect(await stateOf(id)).toBe("stopped");
    expect(await equals()).toBe(false);
  };

  beforeEach(async () => {
    sshd = await startSshd();
    client = await createTestClient();
    root = join(sshd.home, "root");
    wantedAgain = 0;
    await mkdir(root);
    await mkdir(join(sshd.home, "other"));
    await writeFile(join(root, "one.txt"), "one");
    syncs = program();
    const request = { root, mode: "mirror", interval: 0.1, wanted: true } as const;
    ({ id } = await syncs.start(await connect(), request));
    await until("equal", equals);
  });
  afterEach(async () => {
    await syncs.close();
    await client.dispose();
    await sshd.stop();
  });

  it("resumes after a restart once its host is connected, and never connects by itself", async () => {
    await restart();
    await writeFile(join(root, "meanwhile.txt"), "meanwhile");
    expect(await syncs.list()).toMatchObject([{ id, wanted: true, state: { kind: "stopped" } }]);
    expect(client.connections.all).toEqual([]);
    await connect();
    await until("equal", equals);
    expect(await syncs.get(id)).toMatchObject({ mode: "mirror", interval: 0.1, wanted: true });
    await goesOn();
  });

  it("does not resume once it was stopped", async () => {
    await syncs.stop(id);
    expect(await syncs.get(id)).toMatchObject({ wanted: false });
    await restart();
    await writeFile(join(root, "meanwhile.txt"), "meanwhile");
    await staysOff();
  });

  it("does not resume when it was stopped before the connection", async () => {
    await restart();
    await syncs.stop(id);
    await writeFile(join(root, "meanwhile.txt"), "meanwhile");
    await staysOff();
  });

  it("does not resume when another window stopped it meanwhile", async () => {
    await restart();
    expect(await syncs.list()).toMatchObject([{ id, wanted: true }]);
    const other = program();
    await other.stop(id);
    await other.close();
    expect(await syncs.list()).toMatchObject([{ id, wanted: false }]);
    await writeFile(join(root, "meanwhile.txt"), "meanwhile");
    await staysOff();
  });

  it("pauses while its host is disconnected on purpose, and resumes at the next connection", async () => {
    const connection = client.connections.all[0] as Connection;
    await syncs.pauseAll(connection.id);
    await connection.close();
    expect(await syncs.get(id)).toMatchObject({ wanted: true, state: { kind: "stopped" } });
    await connect();
    await goesOn();
  });

  it("is paused by a disconnect right after the connection", async () => {
    for (let round = 0; round < 20; round += 1) {
      await restart();
      const connection = await connect();
      await syncs.pauseAll(connection.id);
      await connection.close();
      expect(await stateOf(id)).toBe("stopped");
    }
    expect(wantedAgain).toBe(0);
    expect(client.connections.all).toEqual([]);
  });

  it("reports what prevents it from resuming, and resumes when that is over", async () => {
    await restart();
    await rename(root, `${root}.away`);
    await connect();
    await until("failed", async () => (await stateOf(id)) === "failed");
    expect(await syncs.get(id)).toMatchObject({ state: { failure: { code: "sync-root-missing" } } });
    await rename(`${root}.away`, root);
    await syncs.syncNow(id);
    await goesOn();
  });

  it("can be switched to another mode just when it resumes", async () => {
    await restart();
    await syncs.start(await connect(), { root, mode: "smart", interval: 0.1 });
    expect(await syncs.get(id)).toMatchObject({ mode: "smart", wanted: true });
    await restart();
    await syncs.start(await connect(), { root, mode: "smart", interval: 0.1 });
    await until("listed", async () => (await stateOf(id)) === "waiting");
    expect(await syncs.list()).toMatchObject([{ id, mode: "smart", wanted: true }]);
  });

  it("is still wanted after a failed attempt to switch it on again", async () => {
    await restart();
    await rename(root, `${root}.away`);
    const connection = await connect();
    await until("failed", async () => (await stateOf(id)) === "failed");
    await expect(syncs.start(connection, { root, mode: "smart" })).rejects.toMatchObject({
      detail: { code: "sync-root-missing" },
    });
    expect(await syncs.get(id)).toMatchObject({ wanted: true });
    await rename(`${root}.away`, root);
  });

  it("resumes, unlike one that a program switched on", async () => {
    await syncs.forget(id);
    ({ id } = await syncs.start(await connect(), { root, mode: "mirror", interval: 0.1 }));
    await until("equal", equals);
    await restart();
    await writeFile(join(root, "meanwhile.txt"), "meanwhile");
    await staysOff();
    await rm(join(root, "meanwhile.txt"));
  });
});
