// Does one thing with a hostile server, and prints what came of it and what it cost:
// node run-ts.mjs hostileClient.ts TASK PORT DATA-FOLDER
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { pause } from "../../src/common/async/pause.js";
import { Failure } from "../../src/common/failure.js";
import { silentLogger } from "../../src/common/logger.js";
import { createEnvironments } from "../../src/environments/environments.js";
import { createFiles } from "../../src/files/files.js";
import { startScript } from "../../src/ssh/channel/script.js";
import { createSshProgram } from "../../src/ssh/config/sshProgram.js";
import { createConnections } from "../../src/ssh/connections.js";
import { createKnownHosts } from "../../src/ssh/hostKeys/knownHosts.js";
import type { Connection } from "../../src/ssh/model/connection.js";
import { unattended } from "../../src/ssh/model/interaction.js";
import type { SyncMode } from "../../src/sync/runIndex/layout.js";
import { createSyncs } from "../../src/sync/syncs.js";
import { askLeases } from "../../src/viewer/remote/askLeases.js";
import { listHostSessions } from "../../src/viewer/remote/hostSessions.js";
import { nextEvent } from "../../src/common/async/event.js";
import type { AttackReport } from "./underAttack.js";

const [task = "", port = "", dataFolder = ""] = process.argv.slice(2);

const tasks: Readonly<Record<string, (connection: Connection) => Promise<unknown>>> = {
  nothing: () => Promise.resolve(),
  exec: async (connection) => {
    const { stdout, truncated } = await connection.exec("anything");
    return { kept: stdout.length, truncated };
  },
  environments: (connection) => createEnvironments().list(connection),
  "start a script": (connection) => startScript(connection, "main() { cat; }", []),
  "host sessions": (connection) => listHostSessions(connection),
  lease: (connection) => askLeases(connection, "renew", ["abc"]),
  "list a folder": async (connection) => {
    const { entries } = await createFiles().list(connection, "/data");
    return { count: entries.length, first: entries.slice(0, 5).map(({ name }) => name) };
  },
  // Whoever reads slowly must not have to keep what a server sends all the same.
  "read slowly": async (connection) => {
    const stream = await connection.forward("127.0.0.1", 80);
    stream.pause();
    await nextEvent(connection.onDidClose);
    return "lost";
  },
  "stay connected": async (connection) => {
    await nextEvent(connection.onDidClose);
    return "lost";
  },
  mirror: (connection) => mirror(connection, "mirror"),
  smart: (connection) => mirror(connection, "smart"),
  "connect again": async (connection) => {
    await connection.close();
    await connect();
  },
};

/** Until the first pass is done, or fails. */
async function mirror(connection: Connection, mode: SyncMode): Promise<unknown> {
  const syncs = createSyncs({ dataFolder, connections, connectAgain: connect, logger: silentLogger });
  const { id } = await syncs.start(connection, { root: "/data", mode, interval: 600 });
  for (;;) {
    const { state, skipped } = (await syncs.get(id)) ?? {};
    if (state?.kind === "failed") throw new Failure(state.failure);
    if (state?.kind === "waiting") {
      const entries = (await syncs.entries(id)).size;
      return {
        state: state.kind,
        entries,
        skippedCount: skipped?.length,
        skipped: skipped?.slice(0, 3),
      };
    }
    await nextEvent(syncs.onDidChange);
  }
}

const connections = createConnections({
  knownHosts: createKnownHosts({ file: join(dataFolder, "known_hosts"), foreignFiles: [] }),
  program: createSshProgram({ home: dataFolder, environment: { PATH: process.env["PATH"] } }),
  logger: silentLogger,
});

function connect(): Promise<Connection> {
  const target = { host: "127.0.0.1", port: Number(port), user: "person" };
  const request = { target, credentials: { password: "secret", useAgent: false } };
  return connections.connect(request, {
    ...unattended,
    confirmHostKey: () => Promise.resolve("trust"),
    keyboardInteractive: ({ prompts }) => Promise.resolve(prompts.map(() => "an answer")),
  });
}

/** Nanoseconds of processor time that the main thread has used. */
function processorTime(): number {
  return Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[0]);
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Milliseconds of processor time. */
  readonly busy: number;
}

/** The longest that this program was busy without listening to anybody, in milliseconds of its own processor time. */
function watchTasks(): () => Promise<number> {
  const interval = 10;
  const long: Stretch[] = [];
  const collections: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  let [from, used] = [performance.now(), processorTime()];
  const timer = setInterval(() => {
    const [to, usedNow] = [performance.now(), processorTime()];
    const busy = Math.min(to - from - interval, (usedNow - used) / 1e6);
    if (busy > interval) long.push({ from, to, busy });
    [from, used] = [to, usedNow];
  }, interval);
  return async () => {
    clearInterval(timer);
    // Whoever observes is told a little later.
    await pause(50);
    return Math.max(0, ...long.map((stretch) => stretch.busy - collectedIn(stretch, collections)));
  };
}

/** Milliseconds that the garbage collector took. */
function collectedIn({ from, to }: Stretch, collections: readonly PerformanceEntry[]): number {
  const within = collections.filter(({ startTime }) => startTime >= from && startTime < to);
  return within.reduce((sum, { duration }) => sum + duration, 0);
}

async function outcome(): Promise<Pick<AttackReport, "result" | "failure">> {
  try {
    return { result: await tasks[task]?.(await connect()) };
  } catch (error) {
    return { failure: error instanceof Failure ? error.detail : { code: String(error) } };
  }
}

// What is loaded late would count as ours.
await import("ssh2");
const startedAt = performance.now();
const before = process.memoryUsage.rss();
const longestTask = watchTasks();
const happened = await outcome();
const report: AttackReport = {
  ...happened,
  milliseconds: Math.round(performance.now() - startedAt),
  megabytesBefore: Math.round(before / 1024 / 1024),
  grownMegabytes: Math.round(process.resourceUsage().maxRSS / 1024 - before / 1024 / 1024),
  longestTask: Math.round(await longestTask()),
};
process.stdout.write(JSON.stringify(report), () => process.exit());
