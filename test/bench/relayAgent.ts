import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandResult } from "../../src/relay/protocol/serverMessages.js";
import { type Peer, peerKey, type PeerOptions } from "../support/relay/peer.js";
import type { Sshd } from "../support/sshd.js";

/** The agent as users start it, and a main server for it alone. */
export interface BenchAgent {
  readonly child: ChildProcess;
  /** Where it keeps its journal. */
  readonly data: string;
  /** Has a command run on one host after the other. Resolves when the main server has its result. */
  run(index: number, command: string): Promise<CommandResult>;
  stop(): Promise<void>;
}

/** What a main server needs to know an agent, and the agent to reach it. */
export interface AgentPlace {
  readonly url: string;
  readonly transport: Peer["transport"];
  readonly keyFile: string;
  readonly knownHosts: string;
  /** A folder for the agent alone. */
  readonly data: string;
}

/** Tells the program that is started, with its arguments. */
export type AgentProgram = (place: AgentPlace, hosts: readonly Sshd[]) => readonly string[];

/** Ours. @param limit commands at once. @param nodeArguments go before the program. */
export function ourAgent(limit: number, nodeArguments: readonly string[] = []): AgentProgram {
  return ({ url, keyFile, data }, hosts) => [
    process.execPath,
    ...nodeArguments,
    "dist/headless.js",
    "relay",
    ...["--url", url, "--proxy-id", "proxy-1", "--api-key-file", keyFile, "--data", data],
    ...["--allow-host", "127.0.0.1", "--limit", String(limit)],
    ...hosts.flatMap(({ hostKey }) => ["--accept-host-key", hostKey.fingerprint]),
  ];
}

/** @param folder gets its data. */
export async function startBenchAgent(
  startPeer: (options: PeerOptions) => Promise<Peer>,
  hosts: readonly Sshd[],
  folder: string,
  program: AgentProgram,
): Promise<BenchAgent> {
  const waiting = new Map<string, (result: CommandResult) => void>();
  const peer = await startPeer({
    onResult: (id, result) => {
      waiting.get(id)?.(result);
      waiting.delete(id);
    },
  });
  const data = await mkdtemp(join(folder, "agent-"));
  const place = {
    url: peer.url,
    transport: peer.transport,
    keyFile: join(data, "key"),
    knownHosts: join(data, "known_hosts"),
    data,
  };
  await writeFile(place.keyFile, peerKey, { mode: 0o600 });
  await writeFile(place.knownHosts, knownHostsLines(hosts));
  const keys = await Promise.all(hosts.map(({ identityFile }) => readFile(identityFile, "utf8")));
  const [command = "", ...rest] = program(place, hosts);
  const child = spawn(command, rest, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await peer.agent();
  return {
    child,
    data,
    run: (index, command) => {
      const [host, privateKey] = [hosts[index % hosts.length], keys[index % hosts.length]];
      const commandId = `command-${index}`;
      return new Promise((resolve) => {
        waiting.set(commandId, resolve);
        peer.execute({
          commandId,
          serverId: 1,
          host: host?.host,
          port: host?.port,
          username: host?.user,
          privateKey,
          command,
        });
      });
    },
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await peer.close();
    },
  };
}

export function knownHostsLines(hosts: readonly Sshd[]): string {
  return hosts
    .map(({ host, port, hostKey }) => `[${host}]:${port} ${hostKey.type} ${hostKey.base64}\n`)
    .join("");
}
