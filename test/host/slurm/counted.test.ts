import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usualRequest } from "../../../src/slurm/model/jobRequest.js";
import { bringUp, type Cluster, type User } from "../../support/slurm/cluster.js";
import { noCluster } from "../../support/slurm/install.js";
import { type Laptop, leftovers, makeLaptop } from "../../support/slurm/laptop.js";
import { remainsOf } from "../../support/slurm/remains.js";
import { until } from "../../support/until.js";

const isLong = process.env["SLURM_ROUNDS"] !== undefined;

describe.skipIf(noCluster)("a cluster", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let alice: Laptop;
  beforeAll(async () => {
    cluster = await bringUp();
    alice = await makeLaptop(cluster);
  }, 120_000);
  afterAll(() => cluster?.down());

  /** Requests that the controller has had since its counters were last set to zero. */
  const asked = async (): Promise<{ readonly jobs: number; readonly byAlice: number }> => {
    const said = await cluster.as("root", "login", "sdiag");
    const count = (name: RegExp): number =>
      [...said.matchAll(name)].reduce((sum, [, number]) => sum + Number(number), 0);
    return {
      jobs: count(/^\s*REQUEST_JOB_(?:INFO|USER_INFO|INFO_SINGLE)\s.*?count:(\d+)/gm),
      byAlice: count(/^\s*alice\s.*?count:(\d+)/gm),
    };
  };
  /** As a browser gets it. */
  const pageOf = async (sessionId: string): Promise<string> => {
    const entrance = alice.app.viewers.entrance(sessionId, { lifetime: 30_000 }) ?? "";
    const { headers } = await fetch(entrance, { redirect: "manual" });
    const cookie = headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const page = await fetch(new URL(headers.get("location") ?? "", entrance), { headers: { cookie } });
    return page.text();
  };
  const nothingLeft = (user: User = "alice"): Promise<void> =>
    until("nothing is left", async () => (await leftovers(cluster, user)).length === 0).catch(
      async (error) => {
        throw new Error(`left: ${(await leftovers(cluster, user)).join("; ")}`, { cause: error });
      },
    );
  /** What is ours on the login node, without sshd: names, and the proportional set size of all, in bytes. */
  const onLogin = async (): Promise<{ readonly names: readonly string[]; readonly memory: number }> => {
    const each = `read -r name <"/proc/$pid/comm" && echo "$name $(sed -n 's/^Pss: *//p' "/proc/$pid/smaps_rollup")"`;
    const said = await cluster.as(
      "root",
      "login",
      `for pid in $(pgrep -u alice); do ${each}; done 2>&1; true`,
    );
    const ours = [...said.matchAll(/^(\S+) (\d+) kB$/gm)].filter(([, name]) => !name?.startsWith("sshd"));
    const sizes = ours.map(([, , size]) => Number(size) * 1024);
    return {
      names: ours.map(([, name = ""]) => name).sort(),
      memory: sizes.reduce((sum, size) => sum + size, 0),
    };
  };
  const countAnew = (): Promise<string> => cluster.as("root", "login", "sdiag -r");

  it("is asked about jobs once in two seconds while one is to start", async () => {
    const login = await alice.login();
    const job = await alice.app.slurm.submit(login, { ...usualRequest, options: "--begin=now+1hour" });
    await alice.app.slurm.list(login);
    await countAnew();
    const startedAt = performance.now();
    const watching = alice.app.slurm.watch(login, job.id, () => undefined);
    await until("it was asked three times", async () => (await asked()).jobs >= 3);
    expect(performance.now() - startedAt).toBeGreaterThan(3_900);
    // With each question about jobs, squeue asks for partitions and federations, too.
    const { jobs, byAlice } = await asked();
    expect(byAlice).toBeLessThanOrEqual(3 * jobs);
    watching.dispose();
    await alice.app.slurm.cancel(login, job.id);
  });

  it("opens a page of Runicorn 0.6.0, and is asked once in thirty seconds while it runs", async () => {
    const { job, inside } = await alice.job();
    const watching = alice.app.slurm.watch(await alice.login(), job.id, () => undefined);
    await countAnew();
    const runsFrom = performance.now();
    const session = await alice.view(inside, "vision");
    expect(await pageOf(session.id)).toMatch(/<title>.*Runicorn/i);
    const span = isLong ? 70_000 : 4_000;
    const looks: Awaited<ReturnType<typeof onLogin>>[] = [];
    await until(
      "a while has passed",
      async () => {
        looks.push(await onLogin());
        return performance.now() - runsFrom > span;
      },
      80_000,
    );
    const quietest = looks.reduce((least, one) => (one.names.length < least.names.length ? one : least));
    const most = Math.max(...looks.map(({ memory }) => memory));
    console.log(
      `on the login node: ${quietest.names.join(", ")}; ${[quietest.memory, most].map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(" and at most ")} MiB (PSS)`,
    );
    // One shell, and the two processes of one srun.
    expect(quietest.names).toEqual(["sh", "srun", "srun"]);
    expect(most).toBeLessThan(60 * 2 ** 20);
    expect((await asked()).jobs).toBeLessThanOrEqual(1 + Math.floor((performance.now() - runsFrom) / 30_000));
    watching.dispose();
    await alice.app.viewers.stop(session.id);
    await nothingLeft();
  });

  it("is not believed where the server in a job has another key than the one we gave it", async () => {
    const at = (name: string): string => join(cluster.folder, "run", name);
    await copyFile(join(cluster.folder, "keys", "bob"), at("other-key"));
    await copyFile("/usr/sbin/sshd", at("real-sshd"));
    const swap = `for last; do :; done\ncat ${at("other-key")} >"\${last%/*}/key"\nexec ${at("real-sshd")} "$@"\n`;
    await writeFile(at("other-sshd"), `#!/bin/sh\n${swap}`);
    await chmod(at("other-key"), 0o644);
    for (const name of ["real-sshd", "other-sshd"]) await chmod(at(name), 0o755);
    const nodes = ["node1", "node2"] as const;
    for (const node of nodes)
      await cluster.as("root", node, `mount --bind ${at("other-sshd")} /usr/sbin/sshd`);
    await expect(alice.job()).rejects.toMatchObject({ detail: { code: "host-key-rejected" } });
    for (const node of nodes) await cluster.as("root", node, "umount /usr/sbin/sshd");
    const login = await alice.login();
    const [job] = await alice.app.slurm.list(login);
    await alice.app.slurm.cancel(login, job?.id ?? "");
    await nothingLeft();
  });

  it("is found where its commands are in a login shell's PATH alone", async () => {
    const folder = join(cluster.folder, "clients");
    await mkdir(folder);
    const clients = ["sbatch", "srun", "squeue", "scancel", "sinfo", "sacct", "sacctmgr"];
    for (const name of clients) {
      await copyFile(`/usr/bin/${name}`, join(folder, name));
      await chmod(join(folder, name), 0o755);
    }
    const hide = (command: string): Promise<string> =>
      cluster.as("root", "login", clients.map((name) => `${command} /usr/bin/${name}`).join(" && "));
    await writeFile(join(cluster.homeOf("bob"), ".bash_profile"), `PATH=${folder}:$PATH\n`);
    await hide("mount --bind /dev/null");
    const bob = await makeLaptop(cluster, { user: "bob" });
    const { inside } = await bob.job();
    const session = await bob.view(inside);
    await bob.page(session.id);
    await bob.app.disconnect(inside.id);
    await bob.close();
    await hide("umount");
    await nothingLeft("bob");
  });

  it("leaves nothing on the machine that it stood on", async () => {
    await alice.close();
    const remains = remainsOf(cluster);
    expect(remains().length).toBeGreaterThan(10);
    await cluster.down();
    expect(remains()).toEqual([]);
  });
});
