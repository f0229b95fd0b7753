import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bringUp, type Cluster } from "../../support/slurm/cluster.js";
import { noCluster } from "../../support/slurm/install.js";
import { type Laptop, leftovers, makeLaptop } from "../../support/slurm/laptop.js";
import { until } from "../../support/until.js";

const isLong = process.env["SLURM_ROUNDS"] !== undefined;

interface Opened {
  readonly session_id: string;
  readonly connection: string;
  readonly remote_pid: number;
}

describe.skipIf(noCluster)("open --slurm in a terminal", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let alice: Laptop;
  beforeAll(async () => {
    cluster = await bringUp();
    alice = await makeLaptop(cluster, { graceSeconds: 60 });
  }, 120_000);
  afterAll(async () => {
    await alice?.close();
    await cluster?.down();
  });

  /** Starts the program; `heard` is what it has written so far. */
  const start = async (
    ...options: string[]
  ): Promise<{ child: ChildProcess; heard: { printed: string; said: string } }> => {
    const data = await mkdtemp(join(tmpdir(), "terminal-"));
    const args = [
      resolve("dist/headless.js"),
      "open",
      "login",
      "--json",
      "--data",
      data,
      "--env",
      "train",
      "--grace",
      "60",
    ];
    const child = spawn(process.execPath, [...args, "--root", "/home/alice/runs", ...options], {
      env: { PATH: process.env["PATH"], HOME: alice.home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const heard = { printed: "", said: "" };
    child.stdout.on("data", (chunk: Buffer) => (heard.printed += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (heard.said += chunk.toString()));
    child.once("exit", () => void rm(data, { recursive: true, force: true }));
    return { child, heard };
  };
  const begin = async (
    ...options: string[]
  ): Promise<{ child: ChildProcess; opened: Opened; said: string }> => {
    const { child, heard } = await start(...options);
    await until(
      "it has printed its address",
      () => {
        if (child.exitCode !== null) throw new Error(heard.said);
        return heard.printed.includes("\n");
      },
      60_000,
    );
    return { child, opened: JSON.parse(heard.printed) as Opened, said: heard.said };
  };

  it("runs a viewer in a job, tells the queue, and leaves nothing when it is interrupted", async () => {
    const { child, opened, said } = await begin(
      "--slurm",
      "--slurm-minutes",
      "7",
      "--slurm-option=--partition=low",
    );
    expect(opened.connection).toMatch(/^alice@job-\d+:22 via alice@/);
    expect(said).toMatch(/^node\d, \d+ min/m);
    const shown = await cluster.as("alice", "login", "squeue -h --me -o '%P %l %j'");
    expect(shown).toBe("low 7:00 runicorn-remote");
    child.kill("SIGINT");
    await once(child, "exit");
    await until("nothing is left", async () => (await leftovers(cluster)).length === 0);
  });

  it("cancels a job whose answer was lost when it is interrupted, and the cluster answers again", async () => {
    // It takes what is asked, and answers nothing.
    const controller = (signal: string) => cluster.as("root", "login", `pkill -${signal} -x slurmctld`);
    await controller("STOP");
    const { child, heard } = await start("--slurm");
    try {
      await until("it does not know", () => heard.said.includes("We do not know whether"), 60_000);
      child.kill("SIGINT");
      await until("it looks on", () => heard.said.includes("Looking for the job for ten seconds"));
    } finally {
      await controller("CONT");
    }
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(130);
    await until("nothing is left", async () => (await leftovers(cluster)).length === 0);
  });

  it("is found again, the same process in the same job, when the program was killed", async () => {
    const { child, opened } = await begin("--slurm");
    child.kill("SIGKILL");
    await once(child, "exit");
    const login = await alice.login();
    const found = await alice.app.slurm.list(login);
    expect(found).toMatchObject([{ state: { kind: "running" } }]);
    const inside = await alice.enter(found[0]?.id ?? "");
    await alice.app.viewers.adopt(inside);
    await until("it is adopted", () => alice.app.viewers.get(opened.session_id)?.state.kind === "running");
    await alice.page(opened.session_id);
    const state = alice.app.viewers.get(opened.session_id)?.state;
    expect(state?.kind === "running" && state.remote.pid).toBe(opened.remote_pid);
    await alice.app.disconnect(inside.id);
    await until("nothing is left", async () => (await leftovers(cluster)).length === 0);
  });

  it.runIf(isLong)(
    "says that a job may be left where the controller hangs when it is interrupted",
    async () => {
      const args = ["open", "login", "--slurm", "--data", join(alice.home, "hung")];
      await cluster.as("root", "login", "pkill -STOP -x slurmctld");
      const child = spawn(process.execPath, [resolve("dist/headless.js"), ...args], {
        env: { PATH: process.env["PATH"], HOME: alice.home },
      });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const asks = async (): Promise<boolean> =>
        (await cluster.processesOf("alice", "login")).some((line) => /sbatch --/.test(line));
      await until("sbatch waits", asks, 60_000);
      child.kill("SIGINT");
      const [code] = (await once(child, "exit")) as [number];
      await cluster.as("root", "login", "pkill -CONT -x slurmctld");
      expect(code).toBe(130);
      expect(said).toContain("squeue --me shows whether a job is left.");
      const login = await alice.login();
      for (const { id } of await alice.app.slurm.list(login)) await alice.app.slurm.cancel(login, id);
    },
  );

  it("rejects an unknown job", async () => {
    const args = [
      resolve("dist/headless.js"),
      "open",
      "login",
      "--job",
      "999999",
      "--data",
      join(alice.home, "other"),
    ];
    const child = spawn(process.execPath, args, { env: { PATH: process.env["PATH"], HOME: alice.home } });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(1);
    expect(said).toContain("Job 999999 on login has ended; the cluster does not say why.");
  });
});
