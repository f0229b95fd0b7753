import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "../../../src/common/logger.js";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import type { RelayOptions } from "../../../src/relay/options.js";
import { createRelay, type Relay } from "../../../src/relay/relay.js";
import { createConnections } from "../../../src/ssh/connections.js";
import { createSshProgram } from "../../../src/ssh/config/sshProgram.js";
import { createKnownHosts, type KnownHosts } from "../../../src/ssh/hostKeys/knownHosts.js";
import type { Sshd } from "../sshd.js";
import { type Frame, type Peer, peerKey } from "./peer.js";

/** The agent as the app wires it, with a home folder and a data folder of its own. */
export interface AgentRig {
  readonly relay: Relay;
  readonly knownHosts: KnownHosts;
  readonly dataFolder: string;
  /** Everything that was logged. */
  readonly log: string[];
  /** Starts it for the main server at this address, with the usual arguments but for `options`. */
  start(peer: Pick<Peer, "url">, options?: Partial<RelayOptions>): Promise<void>;
  dispose(): Promise<void>;
}

/** @param environment names the HTTP proxy on the way, if any. */
export async function createAgentRig(environment: Readonly<Record<string, string>> = {}): Promise<AgentRig> {
  const home = await mkdtemp(join(tmpdir(), "relay-"));
  const dataFolder = join(home, "data");
  const knownHosts = createKnownHosts({ file: join(dataFolder, "known_hosts"), foreignFiles: [] });
  const program = createSshProgram({ home, environment: { PATH: process.env["PATH"] } });
  const log: string[] = [];
  const say = (message: string): void => void log.push(message);
  const logger: Logger = { debug: say, info: say, warn: say, error: say };
  const relay = createRelay({
    dataFolder,
    createConnections: () => createConnections({ program, knownHosts, logger }),
    describe: (remark) => {
      const { message, advice } = describeFailure(remark);
      return `${message} ${advice}`.trim();
    },
    logger,
    environment,
  });
  return {
    relay,
    knownHosts,
    dataFolder,
    log,
    start: async (peer, options = {}) => {
      await relay.start({
        server: { url: peer.url, proxyId: "proxy-1", apiKey: peerKey },
        allowedHosts: ["127.0.0.0/8"],
        reconnectInterval: 50,
        ...options,
      });
    },
    dispose: async () => {
      await relay.stop();
      await rm(home, { recursive: true });
    },
  };
}

/**
 * An agent that is connected to its main server, and knows the key of a host.
 * @param host none: it is to reach no host.
 */
export async function linkAgent(peer: Peer, host?: Sshd): Promise<AgentRig> {
  const rig = await createAgentRig();
  if (host) await trust(rig, host);
  await rig.start(peer);
  await peer.agent();
  return rig;
}

/** Trusts a server's key, as a person would have done before. */
export async function trust(rig: AgentRig, { host, port, hostKey }: Sshd): Promise<void> {
  await rig.knownHosts.add(`[${host}]:${port}`, hostKey);
}

let count = 0;

/** An `execute_command` for this server, as the document writes it. */
export async function frameFor(server: Sshd, command: string, more: Frame = {}): Promise<Frame> {
  count += 1;
  return {
    commandId: `cmd_${count}`,
    serverId: 1,
    host: server.host,
    port: server.port,
    username: server.user,
    privateKey: await readFile(server.identityFile, "utf8"),
    command,
    ...more,
  };
}
