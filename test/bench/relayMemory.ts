import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Peer, PeerOptions } from "../support/relay/peer.js";
import type { Sshd } from "../support/sshd.js";
import { pace } from "./pace.js";
import { type BenchAgent, ourAgent, startBenchAgent } from "./relayAgent.js";

/** What an agent has taken after some commands; memory in MiB. */
export interface MemorySample {
  readonly commands: number;
  /** Milliseconds of processor time since its start. */
  readonly cpu: number;
  readonly rss: number;
  /** Of V8's heap; after a collection where those are forced. */
  readonly heapUsed: number;
  /** On disk. */
  readonly journal: number;
}

export interface MemoryOptions {
  readonly startPeer: (options: PeerOptions) => Promise<Peer>;
  readonly folder: string;
  readonly commands: number;
  /** Commands between two samples. */
  readonly every: number;
  readonly atOnce: number;
  /** Collects garbage before the heap is looked at. */
  readonly collect: boolean;
}

/** Runs commands that print 4 KiB each, and looks at the agent's memory now and then. */
export async function sampleMemory(hosts: readonly Sshd[], options: MemoryOptions): Promise<MemorySample[]> {
  const { startPeer, folder, commands, every, atOnce, collect } = options;
  const nodeArguments = ["--import", "./test/bench/memorySampler.mjs", ...(collect ? ["--expose-gc"] : [])];
  const agent = await startBenchAgent(startPeer, hosts, folder, ourAgent(atOnce, nodeArguments));
  const samples = [await sample(agent, 0)];
  for (let done = 0; done < commands; done += every) {
    await pace(every, atOnce, async (index) => {
      const { stdout } = await agent.run(done + index, "printf %04096d 7");
      if (stdout.length !== 4_096) throw new Error(`command ${done + index} printed ${stdout.length} bytes`);
    });
    samples.push(await sample(agent, done + every));
  }
  await agent.stop();
  return samples;
}

async function sample({ child, data }: BenchAgent, commands: number): Promise<MemorySample> {
  child.send("memory");
  const [taken] = (await once(child, "message")) as [Pick<MemorySample, "cpu" | "rss" | "heapUsed">];
  const mebibytes = (bytes: number): number => Number((bytes / 1024 / 1024).toFixed(1));
  const journal = await journalSize(join(data, "relay"));
  const { cpu, rss, heapUsed } = taken;
  return { commands, cpu, rss: mebibytes(rss), heapUsed: mebibytes(heapUsed), journal: mebibytes(journal) };
}

async function journalSize(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".journal"));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
