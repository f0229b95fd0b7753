import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, createApp } from "../../../src/app.js";
import type { Logger } from "../../../src/common/logger.js";
import type { Job, JobState } from "../../../src/slurm/model/job.js";
import { type JobRequest, usualRequest } from "../../../src/slurm/model/jobRequest.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { unattended } from "../../../src/ssh/model/interaction.js";
import { jobTarget } from "../../../src/ssh/model/jobTarget.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import { until } from "../until.js";
import type { Cluster, User } from "./cluster.js";

/** Somebody's machine outside of the cluster, with the whole program on it. */
export interface Laptop {
  readonly home: string;
  readonly app: App;
  /** What was logged. */
  readonly log: string[];
  login(): Promise<Connection>;
  /** A job that runs, and a connection into it. */
  job(request?: Partial<JobRequest>): Promise<{ readonly job: Job; readonly inside: Connection }>;
  enter(jobId: string): Promise<Connection>;
  /** A viewer in a job, of the newest Runicorn, or of the oldest with `vision`. */
  view(inside: Connection, environment?: "train" | "vision"): Promise<ViewerSession>;
  /** @throws where the page does not answer. */
  page(sessionId: string): Promise<void>;
  /** Resolves when a job has ended, with how. */
  endOf(jobId: string): Promise<Extract<JobState, { kind: "ended" }>["how"]>;
  close(viewers?: "stop" | "leave"): Promise<void>;
}

export interface LaptopOptions {
  readonly user?: User;
  readonly graceSeconds?: number;
  /** Where an earlier life of the program was. */
  readonly home?: string;
  /** Lines of `~/.ssh/config` for the nodes. */
  readonly nodes?: readonly string[];
}

export async function makeLaptop(cluster: Cluster, options: LaptopOptions = {}): Promise<Laptop> {
  const { user = "alice", graceSeconds = 20, nodes = [] } = options;
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "laptop-")));
  await writeHome(home, cluster, user, nodes);
  const log: string[] = [];
  const write = (text: string): void => void log.push(text);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const app = await createApp({
    dataFolder: join(home, "data"),
    home,
    environment: { PATH: process.env["PATH"] },
    graceSeconds: () => graceSeconds,
    logger,
  });
  const login = (): Promise<Connection> => app.connections.connect({ target: { host: "login" } }, unattended);
  const enter: Laptop["enter"] = async (jobId) => {
    const target = jobTarget({ login: (await login()).target, jobId });
    return app.connections.connect({ target }, unattended);
  };
  return {
    ...{ home, app, log, login, enter },
    job: async (request = {}) => {
      const connection = await login();
      const job = await app.slurm.submit(connection, { ...usualRequest, ...request });
      await app.slurm.untilRunning(connection, job.id);
      return { job, inside: await enter(job.id) };
    },
    view: async (inside, wanted = "train") => {
      const { environments } = await app.environments.list(inside);
      const environment = environments.find(({ name }) => name === wanted);
      if (!environment) throw new Error("no environment");
      return app.viewers.start(inside, { environment, root: `/home/${user}/runs` });
    },
    page: async (sessionId) => {
      const health = await app.viewers.health(sessionId);
      if (!health?.http) throw new Error(`no page: ${JSON.stringify(app.viewers.get(sessionId)?.state)}`);
    },
    endOf: async (jobId) => {
      const connection = await login();
      const isOver = async (): Promise<boolean> => {
        const said = await cluster.as(user, "login", `squeue -h -t all -j ${jobId} -o %T`);
        return !/PENDING|RUNNING|COMPLETING/.test(said);
      };
      await until("the job is over", isOver, 90_000);
      let state: JobState | undefined;
      const watching = app.slurm.watch(connection, jobId, (now) => (state = now));
      try {
        await until("the job has ended", () => state?.kind === "ended", 40_000);
      } finally {
        watching.dispose();
      }
      return state?.kind === "ended" ? state.how : "forgotten";
    },
    close: async (viewers = "stop") => {
      await app.close(viewers);
      if (viewers === "stop") await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Makes a home from which `login` leads to the cluster. */
export async function writeHome(
  home: string,
  cluster: Cluster,
  user: User,
  nodes: readonly string[] = [],
): Promise<void> {
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const config = [
    "Host login",
    `  HostName ${cluster.address}`,
    `  User ${user}`,
    `  IdentityFile ${cluster.keyOf(user)}`,
    "  IdentitiesOnly yes",
    "  ServerAliveInterval 1",
    "  ServerAliveCountMax 3",
    ...nodes,
    "",
  ];
  await writeFile(join(home, ".ssh", "config"), config.join("\n"));
  const [type = "", key = ""] = (
    await readFile(join(cluster.folder, "keys", "host-login.pub"), "utf8")
  ).split(" ");
  await writeFile(join(home, ".ssh", "known_hosts"), `${cluster.address} ${type} ${key}\n`);
}

/** What is left of us anywhere on the cluster: processes, files, jobs. */
export async function leftovers(cluster: Cluster, user: User = "alice"): Promise<string[]> {
  const found: string[] = [];
  for (const machine of ["node1", "node2"] as const) {
    const processes = await cluster.processesOf(user, machine).catch(() => []);
    found.push(...processes.map((line) => `${machine}: ${line}`));
    const files = await cluster
      .as("root", machine, "ls -d /tmp/runicorn-* 2>/dev/null || true")
      .catch(() => "");
    found.push(
      ...files
        .split("\n")
        .filter(Boolean)
        .map((line) => `${machine}: ${line}`),
    );
  }
  const sessions = await cluster.as(
    user,
    "login",
    "find ~/.cache/runicorn-remote ~/slurm-*.out 2>/dev/null || true",
  );
  found.push(...sessions.split("\n").filter(Boolean));
  const jobs = await cluster.as(user, "login", "squeue -h --me -o '%i %T'");
  found.push(...jobs.split("\n").filter(Boolean));
  return found;
}
