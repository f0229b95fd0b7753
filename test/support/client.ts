import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Cancelled, Failure } from "../../src/common/failure.js";
import { type Logger, silentLogger } from "../../src/common/logger.js";
import type { LinesBefore } from "../../src/environments/lines/lines.js";
import type { Connection } from "../../src/ssh/model/connection.js";
import { type Connections, createConnections } from "../../src/ssh/connections.js";
import type { Credentials } from "../../src/ssh/model/connectRequest.js";
import type { HostKeyQuestion } from "../../src/ssh/model/hostKeys.js";
import { type Interaction, unattended } from "../../src/ssh/model/interaction.js";
import { createKnownHosts, type KnownHosts } from "../../src/ssh/hostKeys/knownHosts.js";
import type { Target } from "../../src/ssh/model/target.js";
import { createSshProgram } from "../../src/ssh/config/sshProgram.js";
import { createOpenForwarder } from "../../src/tunnel/openForwarder.js";
import type { TunnelFailure } from "../../src/tunnel/failures.js";
import { createStreamRelays, type StreamRelays } from "../../src/tunnel/relay/streamRelay.js";
import type { ForwardingBackend, Tunnels } from "../../src/tunnel/tunnel.js";
import type { GuardPages } from "../../src/tunnel/guard/answers.js";
import type { KeptPorts } from "../../src/tunnel/keptPorts.js";
import { createTunnels } from "../../src/tunnel/tunnels.js";
import { createViewers } from "../../src/viewer/createViewers.js";
import { createSessionStore } from "../../src/viewer/session/sessionStore.js";
import type { Viewers } from "../../src/viewer/viewers.js";
import type { Sshd } from "./sshd.js";

/** The side of the person: an empty home folder, known hosts and a pool of its own. */
export interface TestClient {
  readonly home: string;
  readonly knownHosts: KnownHosts;
  readonly connections: Connections;
  /** Connects with the key that the server knows. */
  connectTo(server: Sshd, person?: Interaction): Promise<Connection>;
  dispose(): Promise<void>;
}

export async function createTestClient(
  environment: NodeJS.ProcessEnv = {},
  logger: Logger = silentLogger,
  mayRepeatProxyCommand = (): boolean => false,
): Promise<TestClient> {
  const home = await mkdtemp(join(tmpdir(), "client-"));
  await mkdir(join(home, ".ssh"), { mode: 0o700 });
  const knownHosts = createKnownHosts({
    file: join(home, "data", "known_hosts"),
    foreignFiles: [join(home, ".ssh", "known_hosts")],
  });
  const connections = createConnections({
    program: createSshProgram({ home, environment: { PATH: process.env["PATH"], ...environment } }),
    knownHosts,
    mayRepeatProxyCommand,
    logger,
  });
  return {
    home,
    knownHosts,
    connections,
    connectTo: (server, person = trusting) =>
      connections.connect({ target: targetOf(server), credentials: credentialsOf(server) }, person),
    dispose: async () => {
      await connections.closeAll();
      // What is remembered of viewers may be written down a moment later.
      await rm(home, { recursive: true, maxRetries: 5 });
    },
  };
}

/** Connects where `~/.ssh/config` names the key that the server knows, and no credentials are given. */
export async function connectByConfig({ home, connections }: TestClient, server: Sshd): Promise<Connection> {
  const settings = `IdentityFile ${server.identityFile}\nIdentitiesOnly yes\n`;
  await writeFile(join(home, ".ssh", "config"), settings);
  return connections.connect({ target: targetOf(server) }, trusting);
}

/** Pages of local ports that are easy to recognise. */
export const testPages: GuardPages = {
  waiting: () => ({ title: "Back soon", lines: [] }),
  locked: (canOpen) => ({ title: canOpen ? "Locked" : "Locked, no button", lines: [], button: "Open" }),
  opening: () => ({ title: "Opening", lines: [] }),
  tooManyCookies: () => ({ title: "Too many cookies", lines: [] }),
};

/** Tunnels with a page that is easy to recognise while the way is lost. */
export function createTestTunnels(
  backends: readonly ForwardingBackend[] = ["in-process"],
  home = homedir(),
  environment: NodeJS.ProcessEnv = process.env,
  keptPorts?: KeptPorts,
  logger = silentLogger,
  relays = createStreamRelays(logger),
): Tunnels {
  return createTunnels({
    ...(keptPorts && { keptPorts }),
    openForwarder: createOpenForwarder({
      program: createSshProgram({ home, environment }),
      backends: () => backends,
      relays,
      logger,
    }),
    guard: { key: randomBytes(32), pages: testPages },
    logger,
  });
}

/** What is told where a host has no Python for the relay, and has one for viewers: no host of the tests is such. */
export const noRelays: StreamRelays = {
  of: ({ target: { host } }) => {
    const refuse = () =>
      Promise.reject(new Failure<TunnelFailure>({ code: "stream-relay-impossible", host }));
    return { ready: refuse, openStream: refuse, release: () => undefined };
  },
};

/**
 * Viewers of this client, whose memory is in its data folder.
 * @param graceSeconds short in tests that wait for its end.
 * @param self the process that they say they are.
 * @param linesBefore what is to run on hosts before a viewer.
 */
export function createTestViewers(
  client: TestClient,
  graceSeconds = 600,
  tunnels = createTestTunnels(),
  self = process.pid,
  linesBefore?: LinesBefore,
): Viewers {
  return createViewers({
    linesBefore,
    tunnels,
    connections: client.connections,
    store: createSessionStore(join(client.home, "data", "sessions.json"), silentLogger, self),
    graceSeconds: () => graceSeconds,
    connectAgain: () => Promise.reject(new Cancelled()),
    mayListenOnPort: () => true,
    logger: silentLogger,
  });
}

/** A person who trusts every key and knows nothing else. */
export const trusting: Interaction = { ...unattended, confirmHostKey: () => Promise.resolve("trust") };

/** The same one, and the questions about keys that they were asked. */
export function trustingOnceAsked(): {
  readonly person: Interaction;
  readonly questions: readonly HostKeyQuestion[];
} {
  const questions: HostKeyQuestion[] = [];
  const confirmHostKey: Interaction["confirmHostKey"] = (question) => {
    questions.push(question);
    return Promise.resolve("trust");
  };
  return { questions, person: { ...unattended, confirmHostKey } };
}

export function targetOf({ host, port, user }: Sshd): Target {
  return { host, port, user };
}

export function credentialsOf({ identityFile }: Sshd): Credentials {
  return { identityFiles: [identityFile], useAgent: false };
}
