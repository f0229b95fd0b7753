import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { processorTime } from "../support/processes.js";
import type { Peer, PeerOptions } from "../support/relay/peer.js";
import { startSocketIoPeer } from "../support/relay/socketIoPeer.js";
import { startWebSocketPeer } from "../support/relay/webSocketPeer.js";
import { installOnce, pip, testCache } from "../support/runicorn/install.js";
import { basePython } from "../support/runicorn/python.js";
import type { Sshd } from "../support/sshd.js";
import { type Figures, medians, pace } from "./pace.js";
import { type AgentProgram, ourAgent, startBenchAgent } from "./relayAgent.js";
import { expectAnswer, withSharedSsh } from "./relaySsh.js";

/** What the peer is made of. */
const packages = [
  "asyncssh==2.24.1",
  "websockets==17.4",
  "python-socketio==5.18.1",
  "aiohttp==3.14.5",
] as const;
const hostCounts = (process.env["BENCH_PEER_HOSTS"] ?? "5,20").split(",").map(Number);
const commands = Number(process.env["BENCH_PEER_COMMANDS"] ?? 1_000);
const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 3);
const [atOnce, perHost] = [32, 8];

interface Way {
  readonly name: string;
  run(): Promise<Measured>;
}

interface Measured {
  readonly figures: Figures;
  /** Milliseconds for one command on each host, with no connection open before. */
  readonly first?: number;
  /** Milliseconds of processor time that the agent took for a command, once its connections were open. */
  readonly cpu?: number;
}

/**
 * Our agent, journal and all, beside one that somebody wrote with asyncssh: the same main server, the same hosts, one after
 * the other, the order reversed each time.
 */
export async function comparePeers(all: readonly Sshd[], knownHosts: string, folder: string): Promise<void> {
  const python = await ensurePeer();
  const theirs: AgentProgram = ({ transport, url, keyFile, knownHosts }) => [
    python,
    resolve("test/bench/asyncsshAgent.py"),
    ...[transport, url, keyFile, knownHosts, String(atOnce), String(perHost)],
  ];
  for (const count of hostCounts) {
    const hosts = all.slice(0, count);
    const through = (
      startPeer: (options: PeerOptions) => Promise<Peer>,
      program: AgentProgram,
    ): Promise<Measured> => measure(startPeer, hosts, folder, program);
    report(
      `${count} hosts`,
      await inTurns([
        { name: "WebSocket, ours", run: () => through(startWebSocketPeer, ourAgent(atOnce)) },
        { name: "WebSocket, asyncssh", run: () => through(startWebSocketPeer, theirs) },
        { name: "Socket.IO, ours", run: () => through(startSocketIoPeer, ourAgent(atOnce)) },
        { name: "Socket.IO, asyncssh", run: () => through(startSocketIoPeer, theirs) },
        {
          name: "ssh with ControlMaster",
          run: async () => ({
            figures: await withSharedSsh({ hosts, knownHosts, commands, atOnce }, folder, true),
          }),
        },
      ]),
    );
  }
}

async function measure(
  startPeer: (options: PeerOptions) => Promise<Peer>,
  hosts: readonly Sshd[],
  folder: string,
  program: AgentProgram,
): Promise<Measured> {
  const agent = await startBenchAgent(startPeer, hosts, folder, program);
  const run = async (index: number): Promise<void> =>
    expectAnswer((await agent.run(index, `echo ${index}`)).stdout, index);
  const startedAt = performance.now();
  await Promise.all(hosts.map((_, index) => run(index)));
  const first = performance.now() - startedAt;
  const before = await processorTime(agent.child.pid ?? 0);
  const figures = await pace(commands, atOnce, (index) => run(hosts.length + index));
  const cpu = ((await processorTime(agent.child.pid ?? 0)) - before) / commands;
  await agent.stop();
  return { figures, first, cpu };
}

async function inTurns(ways: readonly Way[]): Promise<ReadonlyMap<string, readonly Measured[]>> {
  const taken = new Map<string, Measured[]>(ways.map(({ name }) => [name, []]));
  for (let turn = 0; turn < repetitions; turn += 1) {
    for (const { name, run } of turn % 2 === 0 ? ways : [...ways].reverse()) {
      taken.get(name)?.push(await run());
    }
  }
  return taken;
}

function report(title: string, taken: ReadonlyMap<string, readonly Measured[]>): void {
  console.log(
    `${title}, ${commands} commands, ${atOnce} at once and ${perHost} on a host, ${repetitions} repetitions, medians; ` +
      `${availableParallelism()} processors for all of it, load ${loadavg()[0]?.toFixed(1) ?? ""} at the end`,
  );
  const rows = [...taken].map(([name, all]) => ({ name, all, ...summary(all) }));
  console.table(
    rows.map(({ name, all, perSecond, p50, p99, first, cpu }) => {
      const peer = rows.find((row) => row.name === name.replace("ours", "asyncssh"));
      return {
        way: name,
        "commands/s": perSecond.toFixed(0),
        "each run": all.map(({ figures }) => figures.perSecond.toFixed(0)).join(" "),
        "p50 ms": p50.toFixed(0),
        "p99 ms": p99.toFixed(0),
        "first on all, ms": first?.toFixed(0) ?? "",
        "cpu ms": cpu?.toFixed(2) ?? "",
        "time/peer": peer ? (peer.perSecond / perSecond).toFixed(2) : "",
        "cpu/peer": peer?.cpu && cpu ? (cpu / peer.cpu).toFixed(2) : "",
      };
    }),
  );
}

function summary(all: readonly Measured[]) {
  return {
    ...medians(all.map(({ figures }) => figures)),
    first: median(all.flatMap(({ first }) => first ?? [])),
    cpu: median(all.flatMap(({ cpu }) => cpu ?? [])),
  };
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** @returns the interpreter of an environment that has what the peer needs. */
async function ensurePeer(): Promise<string> {
  const { library, executable } = basePython();
  const folder = join(testCache, `${packages.join(" ").replace(/[^\w.]+/g, "-")}-${library}`);
  if (!existsSync(folder)) {
    console.log(`Installing ${packages.join(", ")}…`);
    await installOnce(folder, (unfinished) => {
      execFileSync(executable, ["-m", "venv", unfinished], { stdio: "inherit" });
      pip(unfinished, ["install", ...packages]);
    });
  }
  return join(folder, "bin", "python");
}
