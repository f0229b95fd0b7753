import { beforeEach, describe, expect, it } from "vitest";
import type { App } from "../../../../src/app.js";
import { Emitter } from "../../../../src/common/async/event.js";
import type { JobState } from "../../../../src/slurm/model/job.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { jobTarget } from "../../../../src/ssh/model/jobTarget.js";
import { watchJobsHere } from "../../../../src/vscode/jobs/jobsHere.js";
import type { Where } from "../../../../src/where.js";

const login = { id: "ada@gpu:22", target: { host: "gpu" }, state: "open" } as Connection;
const inJob = {
  id: "ada@job-7:22 via ada@gpu:22",
  target: jobTarget({ login: login.target, jobId: "7" }),
  state: "open",
} as Connection;
const queued: JobState = { kind: "queued", reason: "Priority", expectedStart: undefined, isStuck: false };
const running: JobState = { kind: "running", node: "node1", endsAt: undefined };

/** A cluster whose states are said here. */
class Cluster {
  readonly connections = new Emitter<void>();
  readonly changed = new Emitter<void>();
  readonly jobs = new Map<string, JobState>();
  readonly listeners = new Map<string, Set<(state: JobState) => void>>();
  all: Connection[] = [];
  asked = 0;
  where: Where | undefined = { kind: "job", request: { minutes: 60 } };

  get watched(): string[] {
    return [...this.listeners].filter(([, those]) => those.size > 0).map(([id]) => id);
  }

  readonly app = {
    connections: {
      onDidChange: this.connections.event,
      get: (id: string) => this.all.find((one) => one.id === id),
    },
    savedConnections: { get: () => Promise.resolve({ where: this.where }) },
    slurm: {
      onDidChange: this.changed.event,
      list: () => {
        this.asked += 1;
        return Promise.resolve([...this.jobs].map(([id, state]) => ({ id, state })));
      },
      watch: (_: Connection, id: string, hear: (state: JobState) => void) => {
        const those = this.listeners.get(id) ?? new Set();
        this.listeners.set(id, those.add(hear));
        return { dispose: () => those.delete(hear) };
      },
    },
  };

  begin() {
    Object.defineProperty(this.app.connections, "all", { get: () => this.all });
    Object.defineProperty(this.app.slurm, "watched", {
      get: () => [...this.jobs].map(([jobId, state]) => ({ loginId: login.id, jobId, state })),
    });
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    return watchJobsHere(this.app as unknown as App, logger as never);
  }

  async becomes(...all: Connection[]): Promise<void> {
    this.all = all;
    this.connections.fire();
    await new Promise(setImmediate);
  }
}

let cluster: Cluster;
beforeEach(() => {
  cluster = new Cluster();
});

describe("jobs of ours behind a login node", () => {
  it("are watched while they wait, whoever asked for them, and asked for once", async () => {
    cluster.jobs.set("3", queued).set("4", running);
    const watching = cluster.begin();
    await cluster.becomes(login);
    await cluster.becomes(login);
    expect([cluster.watched, cluster.asked]).toEqual([["3"], 1]);
    for (const hear of cluster.listeners.get("3") ?? []) hear({ kind: "ended", how: "cancelled" });
    expect(cluster.watched).toEqual([]);
    watching.dispose();
  });

  it("are not asked for on hosts whose viewers do not run in jobs", async () => {
    cluster.where = { kind: "login" };
    cluster.begin();
    await cluster.becomes(login);
    expect(cluster.asked).toBe(0);
  });

  it("stay watched when whoever waited for them goes", async () => {
    const watching = cluster.begin();
    await cluster.becomes(login);
    cluster.jobs.set("9", queued);
    cluster.changed.fire();
    expect(cluster.watched).toEqual(["9"]);
    watching.dispose();
    expect(cluster.watched).toEqual([]);
  });
});

describe("the job that a connection leads into", () => {
  it("is watched for as long as that is open", async () => {
    cluster.begin();
    await cluster.becomes(login, inJob);
    expect(cluster.watched).toEqual(["7"]);
    await cluster.becomes(login);
    expect(cluster.watched).toEqual([]);
  });
});
