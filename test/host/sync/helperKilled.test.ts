import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect } from "vitest";
import type { Syncs } from "../../../src/sync/syncs.js";
import { credentialsOf, targetOf, type TestClient, trusting } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { openSlowLink, type SlowLink } from "../../support/slowLink.js";
import { processesIn } from "../../support/processes.js";
import { differences } from "../../support/rsync.js";
import { killIfPresent, type Sshd } from "../../support/sshd.js";
import { createSyncRig } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

/** How often the helper is killed in each test; `npm run test:sync-faults` kills it fifty times. */
const kills = process.env["SYNC_FAULTS"] === undefined ? 2 : 50;
/** Milliseconds after which a copy that does not move counts as stalled. */
const stall = 60_000;
const patience = 120_000 + kills * 10_000;

describe("a mirror whose helper is killed on the host", () => {
  let sshd: Sshd;
  /** Slow, so that there is a middle of a file to be killed in. */
  let link: SlowLink;
  let client: TestClient;
  let folder: string;
  let syncs: Syncs;
  it.beforeAll(async ({ server, client: person, syncs: copies }) => {
    [sshd, client, syncs] = [server, person, copies];
    link = await openSlowLink(sshd.port, 16_000);
    folder = await mkdtemp(join(tmpdir(), "helper-killed-"));
  });
  afterAll(async () => {
    await syncs.close();
    await link.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function mirror(name: string): Promise<{ root: string; id: string; staging: string }> {
    const root = join(folder, name);
    await mkdir(root);
    const request = { target: { ...targetOf(sshd), port: link.port }, credentials: credentialsOf(sshd) };
    const connection = await client.connections.connect(request, trusting);
    const { id } = await syncs.start(connection, { root, mode: "mirror", interval: 0.05 });
    return { root, id, staging: join(syncs.folder(id), "..", "staging") };
  }

  /** As the kernel does when memory runs out, and the reapers of login nodes. */
  async function killHelper(): Promise<void> {
    const processes = await processesIn(sshd.home);
    for (const { pid, commandLine } of processes)
      if (commandLine.includes("zlib.compress")) killIfPresent(pid);
  }

  it(
    `in the middle of a large file, ${kills} times, is the host's in the end`,
    async () => {
      const { root, id, staging } = await mirror("large");
      const size = 16 << 20;
      const slowest: number[] = [];
      for (let hits = 0; hits < kills;) {
        await writeFile(join(folder, "beside"), randomBytes(size));
        await rename(join(folder, "beside"), join(root, "model.bin"));
        const wanted = Math.random() * 0.6 * size;
        await until("a part of it is here", async () => (await bytesIn(staging)) > wanted);
        await killHelper();
        const killedAt = Date.now();
        if ((await bytesIn(staging)) > 0) hits += 1;
        await until(
          "it is here",
          async () => (await timeOf(root)) === (await timeOf(syncs.folder(id))),
          stall,
        );
        slowest.push(Date.now() - killedAt);
        expect(await differences(root, syncs.folder(id), ["--omit-dir-times"])).toEqual([]);
      }
      expect(Math.max(...slowest)).toBeLessThan(stall);
      expect((await syncs.get(id))?.skipped).toEqual([]);
      await syncs.stop(id);
    },
    patience,
  );

  it(
    `among many small files, ${kills} times, is the host's in the end`,
    async () => {
      const { root, id } = await mirror("small");
      for (let hit = 0; hit < kills; hit += 1) {
        const below = join(root, `run-${hit}`);
        await mkdir(join(folder, "making"));
        for (let index = 0; index < 500; index += 1) {
          await writeFile(join(folder, "making", `${index}.png`), randomBytes(1_000 + (index % 7) * 5_000));
        }
        await rename(join(folder, "making"), below);
        const arriving = join(syncs.folder(id), `run-${hit}`);
        const wanted = Math.random() * 300;
        await until("some are here", async () => (await readdir(arriving).catch(() => [])).length > wanted);
        await killHelper();
        await until("all are here", async () => (await readdir(arriving)).length === 500, stall);
        expect(await differences(below, arriving, ["--omit-dir-times"])).toEqual([]);
      }
      await syncs.stop(id);
    },
    patience,
  );

  it("again and again, says so, and goes on by itself when that ends", async () => {
    const { root, id } = await mirror("hopeless");
    let hopeless = true;
    const killing = (async () => {
      while (hopeless) {
        await killHelper();
        await delay(20);
      }
    })();
    await writeFile(join(root, "new.txt"), "new");
    await until("it says so", async () => (await syncs.get(id))?.state.kind === "failed");
    expect((await syncs.get(id))?.state).toMatchObject({ failure: { code: "sync-helper-failed" } });
    hopeless = false;
    await killing;
    await until("equal", async () => (await differences(root, syncs.folder(id))).length === 0, stall);
    await syncs.stop(id);
  });
});

describe("a pass whose helper is stopped on the host", () => {
  it("gives it up after some silence, and goes on with another one", async () => {
    const rig = await createSyncRig({ silence: 1_000 });
    const helpers = async (): Promise<readonly number[]> =>
      (await processesIn(rig.sshd.home))
        .filter(({ commandLine }) => commandLine.includes("zlib.compress"))
        .map(({ pid }) => pid);
    const [helper = 0] = await helpers();
    await writeFile(join(rig.root, "model.bin"), randomBytes(32 << 20));
    const passing = rig.pass();
    await until("a part of it is here", async () => (await bytesIn(join(rig.cacheFolder, "staging"))) > 0);
    process.kill(helper, "SIGSTOP");
    await passing;
    expect(await differences(rig.root, rig.copy)).toEqual([]);
    process.kill(helper, "SIGCONT");
    await until("the one given up is gone", async () => !(await helpers()).includes(helper));
    await rig.dispose();
  });
});

/** When the large file was written, by its own account. */
async function timeOf(folder: string): Promise<number> {
  return Math.round((await stat(join(folder, "model.bin")).catch(() => undefined))?.mtimeMs ?? 0);
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
