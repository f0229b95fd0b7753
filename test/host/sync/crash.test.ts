import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, describe, expect } from "vitest";
import { createTestSyncs } from "../../support/syncRig.js";
import { createTestClient, credentialsOf, targetOf, trusting } from "../../support/client.js";
import { type CuttingProxy, startCuttingProxy } from "../../support/cuttingProxy.js";
import { it } from "../../support/hostTest.js";
import { startReader, startTraining, trainedRun } from "../../support/training.js";
import { differences } from "../../support/rsync.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** How often each fault strikes; `npm run test:sync-faults` has it strike a hundred times. */
const faults = Number(process.env["SYNC_FAULTS"] ?? 3);
/** Milliseconds for one fault and what comes after, on a busy machine. */
const patience = 60_000 + faults * 5_000;
/** Milliseconds: a fault strikes at any moment in so much of a process's life. */
const life = 400;

describe("a mirror", () => {
  let sshd: Sshd;
  let proxy: CuttingProxy;
  let folder: string;
  let program: string;
  it.beforeAll(async ({ server }) => {
    sshd = server;
    proxy = await startCuttingProxy(sshd.port);
    folder = await mkdtemp(join(tmpdir(), "crash-"));
    program = join(process.cwd(), "node_modules", `.sync-process-${process.pid}.mjs`);
    await build({
      entryPoints: ["test/support/syncProcess.ts"],
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      loader: { ".sh": "text", ".py": "text" },
      outfile: program,
    });
  });
  afterAll(async () => {
    proxy.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    await rm(program, { force: true });
  });

  it(
    `that is killed ${faults} times is never seen half written, and is the host's in the end`,
    async () => {
      const root = join(folder, "killed-root");
      const data = join(folder, "killed-data");
      const training = startTraining(root);
      let id: string | undefined;
      const copyOf = (): string | undefined =>
        id === undefined ? undefined : join(data, "sync", id, "files");
      const reader = startReader(copyOf, training.written);
      for (let fault = 0; fault < faults; fault += 1) {
        const child = spawn(process.execPath, [program, String(sshd.port), sshd.identityFile, root, data], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const [said] = (await once(child.stdout, "data")) as [Buffer];
        id = said.toString().trim();
        await delay(Math.random() * life);
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      training.stop();
      await expectEqualInTheEnd(root, data);
      await reader.stop();
      expect(reader.wrong).toEqual([]);
      expect(reader.reads).toBeGreaterThan(faults);
    },
    patience,
  );

  it(
    `whose link is cut ${faults} times is never seen half written, and is the host's in the end`,
    async () => {
      const root = join(folder, "cut-root");
      const data = join(folder, "cut-data");
      const training = startTraining(root);
      const client = await createTestClient();
      const syncs = createTestSyncs(client.connections, data);
      const connect = () =>
        client.connections.connect(
          { target: { ...targetOf(sshd), port: proxy.port }, credentials: credentialsOf(sshd) },
          trusting,
        );
      const { id } = await syncs.start(await connect(), { root, mode: "mirror", interval: 0.02 });
      const reader = startReader(() => syncs.folder(id), training.written);
      for (let fault = 0; fault < faults; fault += 1) {
        await delay(Math.random() * life);
        proxy.cut();
        await until("offline", async () => (await syncs.get(id))?.state.kind === "offline");
        await connect();
      }
      training.stop();
      await until("equal", async () => (await differences(root, syncs.folder(id))).length === 0);
      await reader.stop();
      expect(reader.wrong).toEqual([]);
      expect(reader.reads).toBeGreaterThan(faults);
      await syncs.close();
      await client.dispose();
    },
    patience,
  );

  /** A program that starts after all of it, as the next morning's window does. */
  async function expectEqualInTheEnd(root: string, data: string): Promise<void> {
    const client = await createTestClient();
    const request = { target: targetOf(sshd), credentials: credentialsOf(sshd) };
    const connection = await client.connections.connect(request, trusting);
    const syncs = createTestSyncs(client.connections, data);
    const { id } = await syncs.start(connection, { root, mode: "mirror", interval: 0.1 });
    await until("equal", async () => (await differences(root, syncs.folder(id))).length === 0);
    expect((await readFile(join(syncs.folder(id), trainedRun, "events.jsonl"))).length).toBeGreaterThan(0);
    await syncs.close();
    await client.dispose();
  }
});
