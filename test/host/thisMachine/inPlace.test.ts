import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetrics } from "../../../src/charts/metrics.js";
import { cacheFolder } from "../../../src/sync/cache/cache.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import { bundleProgram } from "../../support/bundleProgram.js";
import { processesNaming } from "../../support/processes.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import { stateOfTree } from "../../support/stateOfTree.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { connectHere, type MachineOfOnesOwn } from "../../support/thisMachine.js";
import { until } from "../../support/until.js";

let stage: MachineOfOnesOwn;
let root: string;
let dataFolder: string;
let syncs: Syncs;

const openSyncs = (): Syncs => createTestSyncs(stage.client.connections, dataFolder);

beforeAll(async () => {
  stage = await connectHere();
  ({ root } = stage.host);
  dataFolder = await mkdtemp(join(tmpdir(), "in-place-data-"));
  await sampleRuns(root, join(stage.host.home, "venvs", "train"), stage.host.home);
  syncs = openSyncs();
});
afterAll(async () => {
  await syncs.close();
  await stage.dispose();
  await rm(dataFolder, { recursive: true });
});

const begin = async (interval = 0.05): Promise<string> => {
  const { id } = await syncs.start(stage.connection, {
    root: "~/runs",
    mode: "in-place",
    interval,
    wanted: true,
  });
  await until("it was listed", async () => (await syncs.get(id))?.state.kind === "waiting");
  return id;
};

/** Waits for so many passes more. */
const passes = async (id: string, count: number): Promise<void> => {
  const scans = async (): Promise<number> => (await syncs.get(id))?.stats.scans ?? 0;
  const before = await scans();
  await until(`${count} passes`, async () => (await scans()) >= before + count);
};

/** Everything that is not as it was, while nobody but us did anything. */
const expectUntouched = async (work: () => Promise<unknown>): Promise<void> => {
  const before = stateOfTree(root);
  await work();
  expect(stateOfTree(root)).toEqual(before);
};

describe("a root of this machine that is read where it lies", () => {
  let id: string;
  beforeAll(async () => {
    id = await begin();
  });

  it("shows its runs, and has copied nothing of them", async () => {
    expect(await syncs.runs(id)).toHaveLength(6);
    expect(await syncs.get(id)).toMatchObject({ root, mode: "in-place", host: "this machine", skipped: [] });
    expect(syncs.folder(id)).toBe(root);
    const kept = await readdir(cacheFolder(dataFolder, id), { recursive: true });
    expect(
      kept.filter((name) => !["sync.json", "manifest.jsonl", "lock", "signs.json"].includes(name)),
    ).toEqual([]);
  });

  it("hands out the files themselves, fresh, as they grow", async () => {
    const run = (await syncs.runs(id)).find(({ project }) => project === "vision");
    const path = `${run?.folder ?? ""}/events.jsonl`;
    const { path: local, fresh } = await syncs.fetch(id, path);
    expect([local, fresh]).toEqual([join(root, path), true]);
    const metrics = createMetrics(local);
    await metrics.update();
    const before = metrics.series.get("train_loss")?.length ?? 0;
    const line = { type: "metrics", ts: 1, data: { train_loss: 0.5, global_step: 1_000 } };
    await appendFile(join(root, path), `${JSON.stringify(line)}\n`);
    await metrics.update();
    expect(metrics.series.get("train_loss")?.length).toBe(before + 1);
  });

  it("tells of what is new, changed, moved and gone", async () => {
    const [run] = await syncs.runs(id);
    const folder = join(root, run?.folder ?? "");
    await writeFile(join(folder, "status.json"), '{"status": "interrupted"}');
    await until("it is told", async () => (await syncs.runs(id))[0]?.status === "interrupted");
    await rename(folder, `${folder}x`);
    await until("it has moved", async () =>
      (await syncs.runs(id)).some((one) => one.folder === `${run?.folder}x`),
    );
    expect(await syncs.runs(id)).toHaveLength(6);
    await rm(`${folder}x`, { recursive: true });
    await until("it is gone", async () => (await syncs.runs(id)).length === 5);
    expect(await syncs.keptRuns(id)).toEqual([]);
  });

  it("is not touched by passes, by opening its files, by a stop, another start and a forget", async () => {
    await expectUntouched(async () => {
      await passes(id, 20);
      await syncs.syncNow(id);
      for (const path of (await syncs.entries(id)).keys())
        await syncs.fetch(id, path).then(
          ({ path: file }) => readFile(file),
          () => undefined,
        );
      await syncs.stop(id);
      expect(await syncs.runs(id)).toHaveLength(5);
      expect(await begin()).toBe(id);
      await syncs.forget(id);
      expect(await syncs.get(id)).toBeUndefined();
      expect(await readdir(join(dataFolder, "sync"))).toEqual([]);
      id = await begin();
    });
  });

  it("is not touched when all of it seems gone, and shows it when it is there again", async () => {
    const away = `${root}-away`;
    const before = stateOfTree(root);
    await rename(root, away);
    await mkdir(root);
    await until("nothing is there", async () => (await syncs.runs(id)).length === 0);
    await passes(id, 3);
    expect((await syncs.get(id))?.state.kind).toBe("waiting");
    await rm(root, { recursive: true });
    await until("it is missing", async () => (await syncs.get(id))?.state.kind === "failed");
    await rename(away, root);
    await syncs.syncNow(id);
    await until("it is back", async () => (await syncs.runs(id)).length === 5);
    const withoutOwnTimes = (state: typeof before) => Object.entries(state).filter(([path]) => path !== root);
    expect(withoutOwnTimes(stateOfTree(root))).toEqual(withoutOwnTimes(before));
  });

  it("stands beside a copy of the same root, and neither changes the other", async () => {
    const copy = await syncs.start(stage.connection, { root, mode: "mirror", interval: 0.05 });
    expect(copy.id).not.toBe(id);
    await until("it is copied", async () => (await syncs.get(copy.id))?.state.kind === "waiting");
    expect((await syncs.runs(copy.id)).map((one) => one.id)).toEqual(
      (await syncs.runs(id)).map((one) => one.id),
    );
    await expectUntouched(async () => {
      await syncs.forget(copy.id);
      await passes(id, 3);
    });
    expect(await syncs.runs(id)).toHaveLength(5);
  });

  it("lists no links, pipes and sockets, follows the link of the runs, and waits for none of them", async () => {
    const odd = join(root, "odd");
    await mkdir(odd);
    execFileSync("mkfifo", [join(odd, "meta.json")]);
    await symlink("/dev/zero", join(odd, "device"));
    await symlink("/etc", join(odd, "elsewhere"));
    const server = createServer().listen(join(odd, "socket"));
    await once(server, "listening");
    await syncs.syncNow(id);
    await until("it is listed", async () => (await syncs.entries(id)).has("odd"));
    const listed = [...(await syncs.entries(id)).keys()].filter((path) => path.startsWith("odd/"));
    expect(listed).toEqual([]);
    await expect(syncs.fetch(id, "odd/meta.json")).rejects.toMatchObject({
      detail: { code: "sync-file-missing" },
    });
    server.close();
    await rm(odd, { recursive: true });
  });

  it("does not wait for a run's file that became a pipe between a listing and its reading", async () => {
    const [run] = await syncs.runs(id);
    const folder = join(root, run?.folder ?? "");
    await syncs.stop(id);
    const { index, put } = { index: join(folder, "events.jsonl"), put: join(folder, "kept") };
    await rename(index, put);
    execFileSync("mkfifo", [index]);
    const metrics = createMetrics(index);
    expect(await metrics.update()).toBe(false);
    await rm(index);
    await rename(put, index);
    await begin();
  });

  it("that is missing is said to be so, and nothing is noted of it", async () => {
    const missing = { root: "~/nowhere", mode: "in-place" } as const;
    await expect(syncs.start(stage.connection, missing)).rejects.toMatchObject({
      detail: { code: "sync-root-missing" },
    });
    expect(await readdir(join(dataFolder, "sync"))).toEqual([id]);
  });

  it("is wanted again in the next program as soon as this machine is connected to", async () => {
    await syncs.close();
    syncs = openSyncs();
    expect(await syncs.get(id)).toMatchObject({ mode: "in-place", wanted: true });
    expect(await syncs.runs(id)).toHaveLength(5);
    await begin();
  });
});

describe("programs that read the same root where it lies", () => {
  const children: ChildProcess[] = [];
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    program = await bundleProgram("test/support/syncProcess.ts");
  });
  const startOne = async (data: string): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [program.file, "here", "", root, data], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout ?? child, "data");
    return child;
  };
  afterAll(async () => {
    children.forEach((child) => child.kill("SIGKILL"));
    await program.remove();
  });

  it("touch nothing of it when they are killed at any time, and leave no process", async () => {
    const data = await mkdtemp(join(tmpdir(), "in-place-killed-"));
    await expectUntouched(async () => {
      for (let round = 0; round < 5; round += 1) {
        const [one, other] = [await startOne(data), await startOne(data)];
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
        for (const child of [one, other]) {
          child.kill("SIGKILL");
          await once(child, "exit");
        }
      }
    });
    await until("no helper is left", async () => (await processesNaming(root)).length === 0);
    await rm(data, { recursive: true });
  }, 60_000);
});
