import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Cancelled } from "../../src/common/failure.js";
import { type Logger, silentLogger } from "../../src/common/logger.js";
import type { Connection } from "../../src/ssh/connection.js";
import { type Connections, createConnections } from "../../src/ssh/connections.js";
import type { Credentials } from "../../src/ssh/connectRequest.js";
import { type Interaction, unattended } from "../../src/ssh/interaction.js";
import { createKnownHosts, type KnownHosts } from "../../src/ssh/knownHosts.js";
import type { Target } from "../../src/ssh/target.js";
import { createSshProgram } from "../../src/ssh/sshProgram.js";
import { createOpenCarrier } from "../../src/tunnel/openCarrier.js";
import type { TunnelBackend, Tunnels } from "../../src/tunnel/tunnel.js";
import { createTunnels } from "../../src/tunnel/tunnels.js";
import { answerWithWaitingPage } from "../../src/tunnel/waitingAnswer.js";
import { createViewers } from "../../src/viewer/createViewers.js";
import { createSessionStore } from "../../src/viewer/sessionStore.js";
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
): Promise<TestClient> {
  const home = await mkdtemp(join(tmpdir(), "client-"));
  await mkdir(join(home, ".ssh"), { mode: 0o700 });
  const knownHosts = createKnownHosts({
    file: join(home, "data", "known_hosts"),
    foreignFiles: [join(home, ".ssh", "known_hosts")],
  });
  const connections = createConnections({
    knownHosts,
    home,
    environment: { PATH: process.env["PATH"], ...environment },
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
      await rm(home, { recursive: true });
    },
  };
}

/** Tunnels with a page that is easy to recognise while the way is lost. */
export function createTestTunnels(
  backends: readonly TunnelBackend[] = ["in-process"],
  home = homedir(),
  environment: NodeJS.ProcessEnv = process.env,
): Tunnels {
  return createTunnels({
    openCarrier: createOpenCarrier({
      program: createSshProgram({ home, environment }),
      backends: () => backends,
      logger: silentLogger,
    }),
    answerMeanwhile: answerWithWaitingPage(() => "<h1>Back soon</h1>"),
    logger: silentLogger,
  });
}

/**
 * Viewers of this client, whose memory is in its data folder.
 * @param graceSeconds short in tests that wait for its end.
 * @param self the process that they say they are.
 */
export function createTestViewers(
  client: TestClient,
  graceSeconds = 600,
  tunnels = createTestTunnels(),
  self = process.pid,
): Viewers {
  return createViewers({
    tunnels,
    connections: client.connections,
    store: createSessionStore(join(client.home, "data", "sessions.json"), silentLogger, self),
    graceSeconds: () => graceSeconds,
    connectAgain: () => Promise.reject(new Cancelled()),
    logger: silentLogger,
  });
}

/** A person who trusts every key and knows nothing else. */
export const trusting: Interaction = { ...unattended, confirmHostKey: () => Promise.resolve("trust") };

export function targetOf({ host, port, user }: Sshd): Target {
  return { host, port, user };
}

export function credentialsOf({ identityFile }: Sshd): Credentials {
  return { identityFiles: [identityFile], useAgent: false };
}
