// How fast the relay agent runs commands on many hosts, beside `ssh host command` for each, in one run, and what its
// memory is over many of them:
//   npm run bench:relay                all parts
//   npm run bench:relay -- speed       only this one
//   npm run bench:relay -- peer        beside an agent of asyncssh
//   npm run bench:relay -- memory
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Peer, PeerOptions } from "../support/relay/peer.js";
import { startSocketIoPeer } from "../support/relay/socketIoPeer.js";
import { startWebSocketPeer } from "../support/relay/webSocketPeer.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { type Figures, medians, pace } from "./pace.js";
import { knownHostsLines, ourAgent, startBenchAgent } from "./relayAgent.js";
import { sampleMemory } from "./relayMemory.js";
import { comparePeers } from "./relayPeers.js";
import { expectAnswer, type SshRunner, withSharedSsh, withSsh } from "./relaySsh.js";

const hostCount = Number(process.env["BENCH_HOSTS"] ?? 20);
const commands = Number(process.env["BENCH_COMMANDS"] ?? 1_000);
const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 3);
const memoryCommands = Number(process.env["BENCH_MEMORY_COMMANDS"] ?? 5_000);
const atOnce = 32;
const parts = process.argv.slice(2);

interface Way {
  readonly name: string;
  run(): Promise<Figures>;
}

interface Taken {
  readonly way: string;
  readonly figures: Figures;
  /** Connections that the servers saw. */
  readonly connections: number;
}

execFileSync(process.execPath, ["esbuild.mjs", "--production"]);
const folder = await mkdtemp(join(tmpdir(), "bench-"));
const knownHosts = join(folder, "known_hosts");
const hosts: Sshd[] = [];
try {
  // Their own shell and environment, and no log of the details: as cheap as a host can be.
  while (hosts.length < hostCount)
    hosts.push(
      await startSshd({ plain: true, config: ["MaxStartups 100", "MaxSessions 32", "LogLevel INFO"] }),
    );
  await writeFile(knownHosts, knownHostsLines(hosts));
  if (parts.length === 0 || parts.includes("speed")) await measureSpeed();
  if (parts.length === 0 || parts.includes("peer")) await comparePeers(hosts, knownHosts, folder);
  if (parts.length === 0 || parts.includes("memory")) await measureMemory();
} finally {
  await Promise.all(hosts.map((host) => host.stop()));
  await rm(folder, { recursive: true, force: true });
}

async function measureSpeed(): Promise<void> {
  const runner: SshRunner = { hosts, knownHosts, commands, atOnce };
  const naive: Way = { name: "ssh for each", run: () => withSsh(runner) };
  const taken = await compare([
    { name: "agent, WebSocket", run: () => throughAgent(startWebSocketPeer) },
    { name: "agent, Socket.IO", run: () => throughAgent(startSocketIoPeer) },
    { name: "ssh with ControlMaster", run: () => withSharedSsh(runner, folder) },
    naive,
  ]);
  report(taken, naive);
}

/** Once as it is, and once over each transport with a collection before each look: only that tells what is kept. */
async function measureMemory(): Promise<void> {
  const options = { folder, commands: memoryCommands, every: memoryCommands / 10, atOnce };
  const asItIs = await sampleMemory(hosts, { ...options, startPeer: startWebSocketPeer, collect: false });
  const webSocket = await sampleMemory(hosts, { ...options, startPeer: startWebSocketPeer, collect: true });
  const socketIo = await sampleMemory(hosts, { ...options, startPeer: startSocketIoPeer, collect: true });
  const [first, last] = [asItIs[1], asItIs.at(-1)];
  // Without its start and the opening of the connections.
  const cpu = ((last?.cpu ?? 0) - (first?.cpu ?? 0)) / ((last?.commands ?? 0) - (first?.commands ?? 0));
  console.log(
    `${memoryCommands} commands that print 4 KiB each: ${cpu.toFixed(1)} ms of processor time each; memory in MiB`,
  );
  console.table(
    asItIs.map(({ commands: after, rss, heapUsed, journal }, index) => ({
      "after commands": after,
      rss,
      heapUsed,
      "rss, collected": webSocket[index]?.rss,
      "heapUsed, collected": webSocket[index]?.heapUsed,
      "Socket.IO: rss, collected": socketIo[index]?.rss,
      "heapUsed, collected ": socketIo[index]?.heapUsed,
      "journal on disk": journal,
    })),
  );
}

/** Every run begins with nothing open, and the order is reversed each time. */
async function compare(ways: readonly Way[]): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (let turn = 0; turn < repetitions; turn += 1) {
    for (const { name, run } of turn % 2 === 0 ? ways : [...ways].reverse()) {
      const before = await countLogins();
      const figures = await run();
      taken.push({ way: name, figures, connections: (await countLogins()) - before });
    }
  }
  return taken;
}

function report(taken: readonly Taken[], naive: Way): void {
  const of = (way: string): Taken[] => taken.filter((one) => one.way === way);
  const median = (way: string): Figures => medians(of(way).map(({ figures }) => figures));
  console.log(
    `${commands} commands over ${hosts.length} sshds, ${atOnce} at once, ${repetitions} repetitions, medians; ` +
      `${availableParallelism()} processors for all of it, load ${loadavg()[0]?.toFixed(1) ?? ""} at the end`,
  );
  console.table(
    [...new Set(taken.map(({ way }) => way))].map((way) => ({
      way,
      "commands/s": median(way).perSecond.toFixed(1),
      ratio: (median(way).perSecond / median(naive.name).perSecond).toFixed(1),
      "each run": of(way)
        .map(({ figures }) => figures.perSecond.toFixed(0))
        .join(" "),
      "p50 ms": median(way).p50.toFixed(0),
      "p99 ms": median(way).p99.toFixed(0),
      connections: [...new Set(of(way).map(({ connections }) => connections))].join(" or "),
    })),
  );
}

async function countLogins(): Promise<number> {
  const logs = await Promise.all(hosts.map((host) => host.log()));
  return logs.join("\n").split("Accepted publickey").length - 1;
}

async function throughAgent(startPeer: (options: PeerOptions) => Promise<Peer>): Promise<Figures> {
  const agent = await startBenchAgent(startPeer, hosts, folder, ourAgent(atOnce));
  const figures = await pace(commands, atOnce, async (index) => {
    const { stdout } = await agent.run(index, `echo ${index}`);
    expectAnswer(stdout, index);
  });
  await agent.stop();
  return figures;
}
