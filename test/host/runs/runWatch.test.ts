import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import type { News } from "../../../src/runs/watch/judge.js";
import { noWishes, type Scope, type Wishes } from "../../../src/runs/watch/rules.js";
import { createRunWatch, type RunWatch, type Told } from "../../../src/runs/watch/runWatch.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import { createTestClient, type TestClient } from "../../support/client.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

const runId = "20260101_000000_aaaaaa";
const everything: Wishes = { finished: true, failed: true, notFinite: true, thresholds: ["acc > 0.9"] };
const group: Scope = { kind: "group", path: "vision" };

/** Two windows that both follow a host, each with a connection of its own, and a process that is a run's. */
describe.each(["mirror", "smart"] as const)("two windows with one copy, in %s mode", (mode) => {
  let sshd: Sshd;
  let root: string;
  let clients: TestClient[];
  let windows: Syncs[];
  let watches: RunWatch[];
  let training: ChildProcess;
  let id: string;
  /** What any window was to tell, in this order. */
  let told: News[];

  const folder = (): string => join(root, "runs", "vision", runId);
  const write = (name: string, value: unknown): Promise<void> =>
    writeFile(join(folder(), name), JSON.stringify(value));
  const log = (step: number, data: string): Promise<void> =>
    appendFile(
      join(folder(), "events.jsonl"),
      `{"ts": ${Date.now() / 1_000}, "type": "metrics", "data": {"global_step": ${step}, ${data}}}\n`,
    );
  const all = (): string => told.map(({ kind }) => kind).join();
  /** Both have looked at everything that is there now. */
  const settled = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) await Promise.all(windows.map((one) => one.syncNow(id)));
    await Promise.all(watches.map((watch) => watch.wishesOf(id, group)));
  };

  beforeEach(async () => {
    sshd = await startSshd();
    root = join(sshd.home, "root");
    await mkdir(folder(), { recursive: true });
    training = spawn("sleep", ["600"]);
    await write("meta.json", {
      id: runId,
      path: "vision",
      alias: "baseline",
      created_at: 1_767_225_600,
      pid: training.pid,
      hostname: hostname(),
    });
    await write("status.json", { status: "running" });
    await log(1, '"acc": 0.5, "loss": 1.0');
    clients = await Promise.all([createTestClient(), createTestClient()]);
    const dataFolder = join(clients[0]!.home, "data");
    windows = clients.map(({ connections }) => createTestSyncs(connections, dataFolder));
    told = [];
    watches = windows.map((syncs) => {
      const watch = createRunWatch({ syncs, logger: silentLogger });
      watch.onDidTell(({ notices }) => told.push(...notices.map(({ news }) => news)));
      return watch;
    });
    for (const [index, client] of clients.entries()) {
      const connection = await client.connectTo(sshd);
      ({ id } = await windows[index]!.start(connection, { root, mode, interval: 0.2, wanted: true }));
    }
    await until("it is copied", async () => (await windows[0]!.runs(id)).length === 1);
    await watches[0]!.wish(id, group, everything);
    await settled();
    expect(all()).toBe("");
  });
  afterEach(async () => {
    watches.forEach((watch) => watch.dispose());
    await Promise.all(windows.map((window) => window.close()));
    await Promise.all(clients.map((client) => client.dispose()));
    training.kill("SIGKILL");
    await sshd.stop();
  });

  it("tell once that a process was killed", async () => {
    const killedAt = Date.now();
    training.kill("SIGKILL");
    await once(training, "exit");
    await until("one of them tells", () => all() !== "");
    const delay = Date.now() - killedAt;
    await settled();
    expect(all()).toBe("crashed");
    console.log(`told ${delay} ms after the process was killed, by passes each 200 ms`);
    // It waits until a person looks at it, in both.
    for (const watch of watches) {
      await until("it waits", async () => (await watch.of(id)).unseen.length === 1);
    }
    await watches[1]!.markSeen(id, [1]);
    await until("it waits no longer", async () => (await watches[0]!.of(id)).unseen.length === 0);
    expect(delay).toBeLessThan(5_000);
  });

  it("tell once that a metric is none and that a threshold was reached, with step and value", async () => {
    await log(812, '"acc": 0.95, "loss": NaN');
    await until("both were told", () => all().split(",").length === 2);
    await settled();
    expect(told).toEqual([
      { runId, folder: `runs/vision/${runId}`, kind: "not-finite", metric: "loss", step: 812, value: "NaN" },
      {
        runId,
        folder: `runs/vision/${runId}`,
        kind: "threshold",
        threshold: "acc > 0.9",
        step: 812,
        value: 0.95,
      },
    ]);
    await write("status.json", { status: "finished" });
    await until("its end was told", () => all().endsWith("finished"));
    await settled();
    expect(all()).toBe("not-finite,threshold,finished");
    // Not again by a window that is opened anew.
    const again = createRunWatch({ syncs: windows[0]!, logger: silentLogger });
    again.onDidTell(({ notices }) => told.push(...notices.map(({ news }) => news)));
    await settled();
    again.dispose();
    expect(all()).toBe("not-finite,threshold,finished");
  });

  it("say of a process that was killed while nobody looked that it was so", async () => {
    watches.forEach((watch) => watch.dispose());
    training.kill("SIGKILL");
    await once(training, "exit");
    const found: Told[] = [];
    const again = createRunWatch({ syncs: windows[0]!, logger: silentLogger });
    again.onDidTell((one) => found.push(one));
    // The host is asked a second time before it is told.
    await until("it is told", async () => {
      await windows[0]!.syncNow(id);
      return found.length > 0;
    });
    again.dispose();
    expect(found.map(({ isAfterAbsence }) => isAfterAbsence)).toEqual([true]);
  });

  it("fetch no values of runs without rules on values", async () => {
    await watches[0]!.wish(id, group, { ...noWishes, finished: true });
    await settled();
    const file = join(windows[0]!.folder(id), "runs", "vision", runId, "events.jsonl");
    const before = await readFile(file, "utf8").catch(() => "");
    await log(2, '"acc": 0.6, "loss": NaN');
    await write("status.json", { status: "finished" });
    await until("its end was told", () => all() !== "");
    expect(all()).toBe("finished");
    if (mode === "smart") expect(await readFile(file, "utf8").catch(() => "")).toBe(before);
  });
});
