import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestAnswer, type TestApi } from "../../support/api.js";
import { bringUp, type Cluster } from "../../support/slurm/cluster.js";
import { noCluster } from "../../support/slurm/install.js";
import { leftovers, writeHome } from "../../support/slurm/laptop.js";
import { until } from "../../support/until.js";

interface Started {
  readonly session: { readonly sessionId: string };
}

describe.skipIf(noCluster)("the place of a viewer started through the API", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let api: TestApi;
  beforeAll(async () => {
    cluster = await bringUp();
    api = await startTestApi();
    await writeHome(api.home, cluster, "alice");
  }, 120_000);
  afterAll(async () => {
    await api?.dispose();
    await cluster?.down();
  });

  const start = (place: unknown): Promise<TestAnswer> => {
    const host = { host: "login", username: "alice" };
    return api.request("POST", "/api/remote/viewer/start", {
      ...host,
      remote_root: "/home/alice/runs",
      place,
    });
  };
  const queue = (): Promise<string> => cluster.as("alice", "login", "squeue -h --me -o '%P %l %C %j'");

  it("is a new job, then the same job, which ends with its last viewer", async () => {
    const first = await start({ kind: "job", partition: "low", minutes: 7, cpus: 2 });
    expect(first).toMatchObject({ status: 200, body: { session: { status: "running" } } });
    expect(await queue()).toBe("low 7:00 2 runicorn-remote");
    const id = await cluster.as("alice", "login", "squeue -h --me -o %i");
    const second = await start({ kind: "running-job", id });
    expect(second).toMatchObject({ status: 200, body: { session: { status: "running" } } });
    expect(await queue()).toBe("low 7:00 2 runicorn-remote");
    const sessions = [first, second].map(({ body }) => (body as Started).session.sessionId);
    expect(new Set(sessions).size).toBe(2);
    for (const session of sessions)
      expect(await api.app.viewers.health(session)).toMatchObject({ http: true });
    for (const session of sessions)
      expect(await api.request("POST", "/api/remote/viewer/stop", { session_id: session })).toMatchObject({
        status: 200,
      });
    await until("nothing is left", async () => (await leftovers(cluster)).length === 0);
  });

  it("is rejected with a reason, and no job is left", async () => {
    const refused = async (place: object, status: number, said: RegExp): Promise<void> => {
      const answer = await start(place);
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).toMatch(said);
    };
    await refused({ kind: "job", partition: "nowhere" }, 500, /invalid partition/i);
    await refused({ kind: "job", options: "--array=1-2" }, 400, /--array=1-2/);
    await refused({ kind: "running-job", id: "999999" }, 500, /Job 999999 on login/);
    await refused({ kind: "job", partition: "low; id" }, 422, /partition/);
    expect(await queue()).toBe("");
    expect(api.app.viewers.sessions).toEqual([]);
  });
});
