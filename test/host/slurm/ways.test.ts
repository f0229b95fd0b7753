import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isSlurmFailure } from "../../../src/slurm/model/failures.js";
import { bringUp, type Cluster } from "../../support/slurm/cluster.js";
import { noCluster } from "../../support/slurm/install.js";
import { type Laptop, leftovers, makeLaptop } from "../../support/slurm/laptop.js";
import { until } from "../../support/until.js";

describe.skipIf(noCluster)("the route into a job", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await bringUp();
  }, 120_000);
  afterAll(() => cluster?.down());

  const laptopThatKnowsNodes = async (): Promise<Laptop> => {
    const key = `  IdentityFile ${cluster.keyOf("alice")}`;
    const laptop = await makeLaptop(cluster, {
      nodes: ["Host node1 node2", "  User alice", key, "  IdentitiesOnly yes"],
    });
    for (const node of ["node1", "node2"]) {
      const line = await readFile(join(cluster.folder, "keys", `host-${node}.pub`), "utf8");
      await appendFile(join(laptop.home, ".ssh", "known_hosts"), `${node} ${line.trim()}\n`);
    }
    return laptop;
  };

  it("is SSH to the node if that works without asking, and the job still keeps its viewer", async () => {
    const alice = await laptopThatKnowsNodes();
    const { job, inside } = await alice.job();
    expect(alice.log.join("\n")).toContain("by SSH to node1");
    const session = await alice.view(inside);
    await alice.page(session.id);
    expect(await cluster.as("alice", "login", "squeue -h --me -s -o %i")).not.toMatch(/\.\d+$/m);
    await alice.app.disconnect(inside.id);
    expect(await alice.endOf(job.id)).toBe("completed");
    await until("nothing is left", async () => (await leftovers(cluster)).length === 0);
    await alice.close();
  });

  it("into a running job of the user's own is SSH only, and never ends the job", async () => {
    const alice = await laptopThatKnowsNodes();
    const own = await cluster.as(
      "alice",
      "login",
      "sbatch --parsable -t 5 -J train -o /dev/null --wrap 'sleep 300'",
    );
    const login = await alice.login();
    await until("it runs", async () => (await alice.app.slurm.others(login)).length === 1);
    const inside = await alice.enter(own);
    expect(inside.job).toMatchObject({ id: own, keeper: undefined });
    const session = await alice.view(inside);
    await alice.page(session.id);
    await alice.app.disconnect(inside.id);
    expect(await cluster.as("alice", "login", "squeue -h --me -o '%i %T'")).toBe(`${own} RUNNING`);
    await cluster.as("alice", "login", `scancel ${own}`);
    await alice.close();
  });

  it("is found despite start-up files that print, and with csh", async () => {
    for (const etc of ["etc-login", "etc-node"]) {
      const file = join(cluster.folder, etc, "passwd");
      const passwd = await readFile(file, "utf8");
      await writeFile(file, passwd.replace("/home/bob:/bin/bash", "/home/bob:/bin/csh"));
    }
    await writeFile(join(cluster.homeOf("bob"), ".cshrc"), "echo Welcome to the cluster\n");
    const bob = await makeLaptop(cluster, { user: "bob" });
    const { inside } = await bob.job();
    const session = await bob.view(inside);
    await bob.page(session.id);
    await bob.app.disconnect(inside.id);
    await until("nothing is left", async () => (await leftovers(cluster, "bob")).length === 0);
    await bob.close();
  });

  it("is said to be closed by a full /tmp, in which nothing of ours is left", async () => {
    const nodes = ["node1", "node2"] as const;
    for (const node of nodes)
      await cluster.as(
        "root",
        node,
        "mount -t tmpfs -o size=64k,mode=1777 tmpfs /tmp; head -c 64k /dev/zero >/tmp/full",
      );
    const alice = await makeLaptop(cluster);
    const login = await alice.login();
    await expect(alice.job({ linesBefore: ["module load x"] })).rejects.toMatchObject({
      detail: { code: "job-not-reached", step: expect.stringMatching(/^\/tmp of node\d is full$/) as string },
    });
    for (const { id } of await alice.app.slurm.list(login)) await alice.app.slurm.cancel(login, id);
    expect(await leftovers(cluster)).toEqual([]);
    for (const node of nodes) await cluster.as("root", node, "umount -l /tmp");
    await alice.close();
  });

  it("says why there is none", async () => {
    for (const node of ["node1", "node2"] as const)
      await cluster.as("root", node, "mount --bind /dev/null /usr/sbin/sshd");
    const alice = await makeLaptop(cluster);
    const failed: unknown = await alice.job().catch((error: unknown) => error);
    if (!isSlurmFailure(failed, "job-not-reached")) throw failed;
    expect(failed.detail).toMatchObject({ jump: "host-key-not-trusted" });
    expect(failed.detail.step).toContain("no sshd on node");
    const login = await alice.login();
    for (const { id } of await alice.app.slurm.list(login)) await alice.app.slurm.cancel(login, id);
    await alice.close();
  });
});
