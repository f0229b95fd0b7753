import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import { bringUp, type Cluster } from "../../support/slurm/cluster.js";
import { noCluster } from "../../support/slurm/install.js";
import { type Laptop, leftovers, makeLaptop } from "../../support/slurm/laptop.js";
import { remainsOf } from "../../support/slurm/remains.js";
import { until } from "../../support/until.js";

/** `npm run test:slurm` has more of them, and those that Slurm takes its time for. */
const rounds = Number(process.env["SLURM_ROUNDS"] ?? 1);
const isLong = process.env["SLURM_ROUNDS"] !== undefined;

describe.skipIf(noCluster)("faults of a viewer in a job", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let alice: Laptop;
  beforeAll(async () => {
    cluster = await bringUp({ cgroups: true, memory: isLong });
    alice = await makeLaptop(cluster, { graceSeconds: 60 });
  }, 120_000);
  afterAll(async () => {
    await alice?.close();
    await cluster?.down();
  });

  const kindOf = (session: ViewerSession): string | undefined =>
    alice.app.viewers.get(session.id)?.state.kind;
  const processOf = (session: ViewerSession): number | undefined => {
    const state = alice.app.viewers.get(session.id)?.state;
    return state?.kind === "running" ? state.remote.pid : undefined;
  };
  const nothingLeft = (): Promise<void> =>
    until("nothing is left", async () => (await leftovers(cluster)).length === 0, 15_000).catch(
      async (error) => {
        throw new Error(`left: ${(await leftovers(cluster)).join("; ")}`, { cause: error });
      },
    );
  const jobs = async (): Promise<string[]> =>
    (await cluster.as("alice", "login", "squeue -h --me -o %i")).split("\n").filter(Boolean);

  /** Begins a viewer, has something happen to it, and wants the same process in the same job again. */
  const survives = async (fault: () => Promise<void>): Promise<number> => {
    const { job, inside } = await alice.job();
    const session = await alice.view(inside);
    const before = processOf(session);
    await fault();
    await until("it is lost", () => kindOf(session) !== "running");
    const lostAt = performance.now();
    await until("it is back", () => kindOf(session) === "running", 30_000);
    const took = performance.now() - lostAt;
    await alice.page(session.id);
    expect(processOf(session)).toBe(before);
    expect(await jobs()).toEqual([job.id]);
    await alice.app.viewers.stop(session.id);
    await alice.endOf(job.id);
    await nothingLeft();
    return took;
  };

  /** Begins a viewer, has something end its job, and wants the right words for it. */
  const endsAs = async (
    how: string,
    fault: (jobId: string, node: string) => Promise<unknown>,
    request = {},
  ): Promise<void> => {
    const { job, inside } = await alice.job(request);
    const session = await alice.view(inside);
    await fault(job.id, inside.job?.node ?? "");
    await until("the session has failed", () => kindOf(session) === "failed", 60_000);
    expect(alice.app.viewers.get(session.id)?.state).toMatchObject({
      failure: { code: "job-ended", jobId: job.id, how },
    });
    await alice.app.viewers.stop(session.id);
    expect(alice.app.viewers.unconfirmed).toEqual([]);
  };

  for (let round = 1; round <= rounds; round += 1) {
    const name = (what: string): string => (rounds === 1 ? what : `${what} (${round})`);

    it(name("survives the end of the login node's session"), async () => {
      const took = await survives(async () => {
        await cluster.as("root", "login", "pkill -KILL -u alice sshd");
      });
      expect(took).toBeLessThan(5_000);
    });

    it(name("survives a link that is cut for longer than the keepalive"), async () => {
      await survives(async () => {
        cluster.cutLink(true);
        await until("the connection is lost", () => alice.app.connections.all.length === 0, 15_000);
        cluster.cutLink(false);
      });
    });

    it.runIf(isLong)(
      name("goes on while the controller is away, and says that nothing is known"),
      async () => {
        const { job, inside } = await alice.job();
        const session = await alice.view(inside);
        const login = await alice.login();
        const heard: string[] = [];
        await cluster.holdController(true);
        const watching = alice.app.slurm.watch(login, job.id, ({ kind }) => heard.push(kind));
        await until("it is not known", () => heard.includes("unknown"), 30_000);
        await alice.page(session.id);
        await expect(alice.app.slurm.submit(login, { minutes: 5 })).rejects.toMatchObject({
          detail: { code: "slurm-silent" },
        });
        await alice.page(session.id);
        await cluster.holdController(false);
        await until("it is known again", () => heard.at(-1) === "running", 40_000);
        expect(heard).not.toContain("ended");
        watching.dispose();
        expect(kindOf(session)).toBe("running");
        await alice.app.viewers.stop(session.id);
        await alice.endOf(job.id);
        await nothingLeft();
      },
    );

    it(name("ends with scancel"), async () => {
      await endsAs("cancelled", (jobId) => cluster.as("alice", "login", `scancel ${jobId}`));
      await nothingLeft();
    });

    it.runIf(isLong)(name("ends with its time limit"), async () => {
      await endsAs("timeLimit", (jobId) =>
        cluster.as("root", "login", `scontrol update jobid=${jobId} EndTime=$(date -d '+3 seconds' +%FT%T)`),
      );
      await nothingLeft();
    });

    it.runIf(isLong)(name("ends for a job with a higher priority, and is not queued again"), async () => {
      await endsAs(
        "preempted",
        (_jobId, node) =>
          cluster.as(
            "alice",
            "login",
            `sbatch -p high -w ${node} -t 1 -c 4 -J other -o /dev/null --wrap 'sleep 2'`,
          ),
        { partition: "low", cpus: 4 },
      );
      await until("the other one is over", async () => (await jobs()).length === 0, 20_000);
      await nothingLeft();
    });
  }

  it.runIf(isLong)("ends with too little memory for a viewer, which is killed first", async () => {
    const { job, inside } = await alice.job({ memory: 40 });
    await expect(alice.view(inside)).rejects.toMatchObject({
      detail: { code: "viewer-exited", exitCode: -9 },
    });
    await alice.app.disconnect(inside.id);
    expect(await alice.endOf(job.id)).toBe("outOfMemory");
    await nothingLeft();
  });

  it.runIf(isLong)("ends with its node", async () => {
    await endsAs("nodeFailed", (_jobId, node) =>
      Promise.resolve(cluster.loseNode(node === "node2" ? "node2" : "node1")),
    );
  });

  it("leave nothing on the machine that the cluster stood on", async () => {
    await alice.close();
    const remains = remainsOf(cluster);
    expect(remains().length).toBeGreaterThan(10);
    await cluster.down();
    expect(remains()).toEqual([]);
  });
});
