import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isSlurmFailure } from "../../../src/slurm/model/failures.js";
import { usualRequest } from "../../../src/slurm/model/jobRequest.js";
import { bringUp, type Cluster } from "../../support/slurm/cluster.js";
import { noCluster } from "../../support/slurm/install.js";
import { type Laptop, leftovers, makeLaptop } from "../../support/slurm/laptop.js";
import { until } from "../../support/until.js";

const isLong = process.env["SLURM_ROUNDS"] !== undefined;

if (noCluster !== undefined) console.log(`Not tested with Slurm: ${noCluster}.`);

describe.skipIf(noCluster)("a viewer in a job", () => {
  let cluster: Cluster;
  let alice: Laptop;
  beforeAll(async () => {
    cluster = await bringUp();
    alice = await makeLaptop(cluster);
  }, 120_000);
  afterAll(async () => {
    await alice?.close();
    await cluster?.down();
  });
  afterEach(async () => {
    const login = await alice.login();
    for (const { id } of await alice.app.slurm.list(login)) await alice.app.slurm.cancel(login, id);
  });
  const ask = (commandLine: string): Promise<string> => cluster.as("alice", "login", commandLine);

  /** Makes whatever bob can make under the names of a keeper's folder, on both nodes. */
  const setTraps = async (start: string): Promise<void> => {
    const folder = `mkdir ${start}-aaaaaa; cd ${start}-aaaaaa; mkfifo requests; echo evil >lines; echo '1 1 pid:[1]' >ready; chmod -R a+rwX .`;
    const links = `ln -s /home/alice ${start}-bbbbbb; ln -s ${start}-cccccc ${start}-cccccc; mkfifo ${start}-dddddd; touch ${start}--rf`;
    for (const node of ["node1", "node2"] as const) await cluster.as("bob", node, `${folder}; ${links}`);
  };

  it("is found out: version, partitions and their limits", async () => {
    const facts = await alice.app.slurm.detect(await alice.login());
    expect(facts).toMatchObject({ kind: "present", hasOverlap: true, isAnswering: true });
    if (facts.kind !== "present") return;
    expect(facts.version).toMatch(/^\d+\.\d+/);
    expect(facts.partitions).toContainEqual({
      ...{ name: "short", isDefault: false, isUp: true, mostMinutes: 1, nodes: 2, gres: "gpu:2" },
    });
  });

  it("answers, with one job, one held step and nothing that listens, and leaves nothing when it is stopped", async () => {
    const listening = (machine: "login" | "node1"): Promise<string> =>
      cluster.as("root", machine, "ss -Htlnp | grep -v -e slurm -e srun -e sshd || true");
    const { job, inside } = await alice.job();
    const session = await alice.view(inside);
    await alice.page(session.id);
    expect(await ask("squeue -h --me -o '%i %j'")).toBe(`${job.id} runicorn-remote`);
    const steps = (await ask("squeue -h --me -s -o %i")).split("\n");
    expect(steps.filter((step) => /\.\d+$/.test(step))).toHaveLength(1);
    expect(await listening("login")).toBe("");
    expect(await listening("node1")).toBe("");
    // On the login node: at most three processes of ours besides srun and sshd.
    const ours = (await cluster.processesOf("alice", "login")).filter(
      (line) => !/srun|sshd|<defunct>|^ps /.test(line),
    );
    expect(ours.length).toBeLessThanOrEqual(3);
    const stoppedAt = Date.now();
    await alice.app.viewers.stop(session.id);
    expect(await alice.endOf(job.id)).toBe("completed");
    expect(Date.now() - stoppedAt).toBeLessThan(8_000);
    expect(await leftovers(cluster)).toEqual([]);
  });

  it("is the person's own: another one reaches nothing, and nothing secret is told", async () => {
    // Job numbers can be guessed: bob is there before her.
    const next = await ask("sbatch --parsable --hold -o /dev/null --wrap true");
    await ask(`scancel ${next}`);
    await setTraps(`/tmp/runicorn-job-${Number(next) + 1}`);
    const { job, inside } = await alice.job();
    expect(job.id).toBe(String(Number(next) + 1));
    expect(inside.job?.linesBefore).toEqual([]);
    expect(await cluster.as("root", "node1", `stat -c %U ${inside.job?.keeper}`)).toBe("alice");
    const session = await alice.view(inside);
    const state = session.state;
    const socket =
      state.kind === "running" && "socket" in state.remote.address ? state.remote.address.socket : "";
    expect(socket).not.toBe("");
    const curl = `curl -s --max-time 3 --unix-socket ${socket} http://localhost/api/runs`;
    await expect(cluster.as("bob", "node1", curl)).rejects.toThrow();
    await expect(cluster.as("bob", "node1", `ls ${inside.job?.keeper}`)).rejects.toThrow("Permission denied");
    await expect(cluster.as("bob", "login", `srun -Q --overlap --jobid=${job.id} id`)).rejects.toThrow(
      /denied/i,
    );
    await expect(cluster.as("bob", "login", `scancel ${job.id}`)).rejects.toThrow(/denied/i);
    const bob = await makeLaptop(cluster, { user: "bob" });
    await expect(bob.enter(job.id)).rejects.toSatisfy((error) =>
      isSlurmFailure(error, "job-ended", "job-unknown"),
    );
    await bob.close();
    // What everybody sees holds the job's key and nothing else of ours.
    const shown = await cluster.as(
      "bob",
      "login",
      `scontrol show job ${job.id}; squeue -o '%i %j %k'; ps -ef`,
    );
    expect(shown).toContain(`runicorn-remote:${job.key}`);
    expect(shown).not.toMatch(/PRIVATE|ssh-ed25519 AAAA/);
    expect(await cluster.as("root", "node1", "ps -ef")).not.toMatch(/PRIVATE|ssh-ed25519 AAAA/);
    // The keys of the way in are gone once it is open.
    expect(await cluster.as("root", "node1", "ls -d /tmp/runicorn-way-* 2>/dev/null || true")).toBe("");
    expect(alice.log.join("\n")).not.toMatch(/PRIVATE KEY/);
    await alice.app.disconnect(inside.id);
    expect(await alice.endOf(job.id)).toBe("completed");
    for (const node of ["node1", "node2"] as const) {
      const theirs = await cluster.as("bob", node, "ls -d /tmp/runicorn-job-*");
      expect(theirs.split("\n")).toHaveLength(5);
      await cluster.as("bob", node, "rm -rf /tmp/runicorn-job-*");
    }
  });

  it("gets no GPU unless one is asked for, and options arrive unharmed", async () => {
    const login = await alice.login();
    const submit = (request: object): Promise<string> =>
      alice.app.slurm.submit(login, { ...usualRequest, ...request }).then(({ id }) => id);
    const plain = await submit({ options: "--begin=now+1hour" });
    expect(await ask(`scontrol show job ${plain}`)).not.toMatch(/gres/i);
    const much = await submit({
      partition: "low",
      minutes: 7,
      gpus: "1",
      cpus: 2,
      memory: 512,
      options: `--begin=now+1hour --chdir "/home/alice/a b'c" --nice=5 --export=ALL,WORDS='one  two'`,
    });
    const shown = await ask(`scontrol show job ${much}`);
    for (const part of [
      "Partition=low",
      "TimeLimit=00:07:00",
      "gres:gpu:1",
      "WorkDir=/home/alice/a b'c",
      "Requeue=0",
      "StdOut=/dev/null",
    ])
      expect(shown).toContain(part);
    for (const options of [
      "--array=1-2",
      "--arr 1",
      "-a1-2",
      "--wrap=id",
      "evil.sh",
      "-n2",
      "--requeue",
      "-QJx",
    ])
      await expect(submit({ options })).rejects.toSatisfy((error) =>
        isSlurmFailure(error, "job-option-not-allowed", "job-request-invalid"),
      );
    await expect(submit({ partition: "nowhere" })).rejects.toMatchObject({
      detail: { code: "job-refused", said: expect.stringMatching(/partition/i) as string },
    });
    expect(await alice.app.slurm.list(login)).toHaveLength(2);
  });

  it("waits with its reason and its expected start, is found by another laptop, and goes when it is cancelled", async () => {
    const login = await alice.login();
    const full = await ask(
      "for n in 1 2; do sbatch --parsable -t 5 -c 4 -o /dev/null --wrap 'sleep 100'; done",
    );
    const job = await alice.app.slurm.submit(login, { ...usualRequest, cpus: 4 });
    const states: unknown[] = [];
    const watching = alice.app.slurm.watch(login, job.id, (state) => states.push(state));
    await until("its reason is known", () => JSON.stringify(states).includes("Resources"));
    await until("its start is expected", () => JSON.stringify(states).includes("expectedStart"));
    watching.dispose();
    await expect(alice.enter(job.id)).rejects.toMatchObject({
      detail: { code: "job-queued", reason: "Resources" },
    });
    const other = await makeLaptop(cluster);
    const found = await other.app.slurm.list(await other.login());
    expect(found).toMatchObject([{ id: job.id, key: job.key, state: { kind: "queued" } }]);
    await other.app.slurm.cancel(await other.login(), job.id);
    expect(await ask(`squeue -h -j ${job.id} -t PENDING,RUNNING -o %i`)).toBe("");
    expect(await other.app.slurm.list(await other.login())).toEqual([]);
    await other.close();
    await ask(`scancel ${full.split("\n").join(" ")}`);
  });

  it.runIf(isLong)("waits for nodes that are drained, and says so", async () => {
    const login = await alice.login();
    await cluster.as("root", "login", "scontrol update nodename=node2 state=drain reason=test");
    const { id } = await alice.app.slurm.submit(login, { ...usualRequest, options: "-w node2" });
    const states: unknown[] = [];
    const watching = alice.app.slurm.watch(login, id, (state) => states.push(state));
    await until("its reason is known", () => JSON.stringify(states).includes("ReqNodeNotAvail"));
    watching.dispose();
    await cluster.as("root", "login", "scontrol update nodename=node2 state=resume");
    await alice.app.slurm.cancel(login, id);
  });

  it("that cannot start by itself says so at once", async () => {
    const login = await alice.login();
    const held = await alice.app.slurm.submit(login, usualRequest);
    await ask(`scontrol hold ${held.id}`).catch(() => undefined);
    const long = await alice.app.slurm
      .submit(login, { ...usualRequest, partition: "short", minutes: 30 })
      .catch((error: unknown) => error);
    // Clusters with limits that are enforced do not take it in the first place.
    if (isSlurmFailure(long, "job-refused")) return;
    const { id } = long as { id: string };
    await expect(alice.app.slurm.untilRunning(login, id)).rejects.toMatchObject({
      detail: { code: "job-stuck", reason: "PartitionTimeLimit" },
    });
  });

  it("stays for a viewer that is started anew, however long that takes, and ends at once when that is stopped", async () => {
    const { job, inside } = await alice.job({ linesBefore: ["sleep 5"] });
    const session = await alice.view(inside);
    await alice.app.viewers.restart(session.id);
    await alice.page(session.id);
    expect(await ask("squeue -h --me -o '%i %T'")).toBe(`${job.id} RUNNING`);
    const stoppedAt = Date.now();
    await alice.app.viewers.stop(session.id);
    expect(await alice.endOf(job.id)).toBe("completed");
    expect(Date.now() - stoppedAt).toBeLessThan(8_000);
    expect(await leftovers(cluster)).toEqual([]);
  });

  it("is given up when it starts while nobody is there", async () => {
    const short = await makeLaptop(cluster, { graceSeconds: 2 });
    const login = await short.login();
    const job = await short.app.slurm.submit(login, usualRequest);
    expect(await short.endOf(job.id)).toBe("completed");
    expect(await leftovers(cluster)).toEqual([]);
    await short.close();
  });

  it("is taken over by another laptop, and by the next life of the program", async () => {
    const { job, inside } = await alice.job();
    const session = await alice.view(inside);
    const other = await makeLaptop(cluster);
    const there = await other.enter(job.id);
    await other.app.viewers.adopt(there);
    await until("it is adopted", () => other.app.viewers.get(session.id)?.state.kind === "running");
    await other.page(session.id);
    await other.app.close("leave");
    await alice.page(session.id);
    await alice.close("leave");
    alice = await makeLaptop(cluster, { home: alice.home });
    await alice.app.viewers.restore();
    await until("it is back", () => alice.app.viewers.get(session.id)?.state.kind === "running");
    await alice.page(session.id);
    const stored = await readFile(join(alice.home, "data", "sessions.json"), "utf8");
    expect(stored).toContain(`job ${job.id} on login`);
    await alice.app.disconnect((await alice.login()).id);
    await until("nothing is left", async () => (await leftovers(cluster)).length === 0);
  });
});
