import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neverAgain } from "../../support/syncRig.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createSyncs } from "../../../src/sync/syncs.js";
import { createTestClient, credentialsOf, targetOf, trusting } from "../../support/client.js";
import { type CuttingProxy, startCuttingProxy } from "../../support/cuttingProxy.js";
import { differences } from "../../support/rsync.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** How often each fault strikes; `npm run test:sync-faults` has it strike a hundred times. */
const faults = Number(process.env["SYNC_FAULTS"] ?? 6);
/** Milliseconds for one fault and what comes after, on a busy machine. */
const patience = 60_000 + faults * 5_000;
/** Milliseconds: a fault strikes at any moment in so much of a process's life. */
const life = 400;

const run = "runs/crash/20260101_000000_aaaaaa";

/** A host where a run trains: small files are rewritten, logs grow, large files come and go. */
function startTraining(root: string): { readonly written: () => string; stop(): void } {
  let step = 0;
  mkdirSync(join(root, run), { recursive: true });
  let written = "";
  const turn = (): void => {
    step += 1;
    const body = "y".repeat((step * 7919) % 200_000);
    const whole = JSON.stringify({ step, length: body.length, body });
    const beside = join(root, "beside.lock");
    writeFileSync(beside, whole);
    renameSync(beside, join(root, run, "status.json"));
    writeFileSync(join(root, run, "summary.json"), whole);
    const line = `${step} ${"x".repeat(step % 97)}\n`;
    written += line;
    appendFileSync(join(root, run, "events.jsonl"), line);
    if (step % 5 === 0) {
      const large = Buffer.alloc(3_000_000, step % 251);
      writeFileSync(beside, large);
      renameSync(beside, join(root, `model-${step % 4}.bin`));
    }
    if (step % 11 === 0) rmSync(join(root, `model-${(step + 2) % 4}.bin`), { force: true });
  };
  turn();
  const timer = setInterval(turn, 25);
  return { written: () => written, stop: () => clearInterval(timer) };
}

/** Reads the copy as somebody who knows nothing of us, again and again. Collects what is no state that the host had. */
function startReader(copy: () => string | undefined, written: () => string) {
  const wrong: string[] = [];
  let reads = 0;
  let stopped = false;
  const look = (): void => {
    const folder = copy();
    if (folder === undefined) return;
    const read = (name: string): Buffer | undefined => {
      try {
        return readFileSync(join(folder, name));
      } catch {
        return undefined;
      }
    };
    for (const name of ["status.json", "summary.json"]) {
      const bytes = read(`${run}/${name}`);
      if (bytes && !isWhole(bytes)) wrong.push(`${name}: ${bytes.length} bytes`);
    }
    const events = read(`${run}/events.jsonl`)?.toString() ?? "";
    if (!written().startsWith(events)) wrong.push(`events.jsonl: ${events.length} characters`);
    for (let index = 0; index < 4; index += 1) {
      const bytes = read(`model-${index}.bin`);
      if (bytes && !bytes.equals(Buffer.alloc(3_000_000, bytes[0]))) {
        wrong.push(`model-${index}.bin: ${bytes.length} bytes`);
      }
    }
    reads += 1;
  };
  const loop = (async () => {
    while (!stopped) {
      look();
      await delay(5);
    }
  })();
  return {
    wrong,
    get reads() {
      return reads;
    },
    stop: async () => {
      stopped = true;
      await loop;
    },
  };
}

function isWhole(bytes: Buffer): boolean {
  try {
    const { length, body } = JSON.parse(bytes.toString()) as { length: number; body: string };
    return body.length === length;
  } catch {
    return false;
  }
}

describe("a mirror", () => {
  let sshd: Sshd;
  let proxy: CuttingProxy;
  let folder: string;
  let program: string;
  beforeAll(async () => {
    sshd = await startSshd();
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
    await sshd.stop();
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
      const syncs = createSyncs({
        dataFolder: data,
        connections: client.connections,
        connectAgain: neverAgain,
        logger: silentLogger,
      });
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
    const syncs = createSyncs({
      dataFolder: data,
      connections: client.connections,
      connectAgain: neverAgain,
      logger: silentLogger,
    });
    const { id } = await syncs.start(connection, { root, mode: "mirror", interval: 0.1 });
    await until("equal", async () => (await differences(root, syncs.folder(id))).length === 0);
    expect((await readFile(join(syncs.folder(id), run, "events.jsonl"))).length).toBeGreaterThan(0);
    await syncs.close();
    await client.dispose();
  }
});
