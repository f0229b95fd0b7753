import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "./common/logger.js";
import { watchForWakeUp } from "./common/wakeUp.js";
import { createEnvironments, type Environments } from "./environments/environments.js";
import { createFiles, type Files } from "./files/files.js";
import { describeFailure } from "./messages/describeFailure.js";
import { waitingPage } from "./messages/waitingPage.js";
import { createRelay, type Relay } from "./relay/relay.js";
import { createSavedConnections, type SavedConnections } from "./savedConnections.js";
import { type Connections, createConnections } from "./ssh/connections.js";
import { type Interaction, unattended } from "./ssh/interaction.js";
import { createKnownHosts, type KnownHosts } from "./ssh/knownHosts.js";
import { createSyncs, type Syncs } from "./sync/syncs.js";
import { createSshProgram } from "./ssh/sshProgram.js";
import { type TunnelBackend, type Tunnels, usualBackends } from "./tunnel/tunnel.js";
import { createOpenCarrier } from "./tunnel/openCarrier.js";
import { createTunnels } from "./tunnel/tunnels.js";
import { answerWithWaitingPage } from "./tunnel/waitingAnswer.js";
import { createViewers } from "./viewer/createViewers.js";
import { createSessionStore } from "./viewer/sessionStore.js";
import type { Viewers } from "./viewer/viewers.js";

/** What the surroundings (VS Code, a terminal) lend to the app. */
export interface Ports {
  /** Absolute path of a folder of ours: known_hosts, saved connections. Made with mode 0700 when missing. */
  readonly dataFolder: string;
  readonly logger: Logger;
  /** The local user's home folder; `~/.ssh` is read below it. */
  readonly home: string;
  /** The process's environment: SSH_AUTH_SOCK, RUNICORN_SSH_PATH. */
  readonly environment: NodeJS.ProcessEnv;
  /** Seconds that a viewer lives on when this program is gone. Default ten minutes. */
  readonly graceSeconds?: () => number;
  /**
   * Answers for hosts of sessions that an earlier life of this program started.
   * @param attended whether a person waits for it. Default: nobody is asked.
   */
  readonly reconnectInteraction?: (attended: boolean) => Interaction;
  /** Bytes that files fetched on demand may take for each root. */
  readonly onDemandLimit?: () => number;
  /** What may carry tunnels, in the order in which it is tried. */
  readonly tunnelBackends?: () => readonly TunnelBackend[];
}

/** The services that trees, status bar, panels, terminal and REST API all share. */
export interface App {
  readonly knownHosts: KnownHosts;
  readonly savedConnections: SavedConnections;
  readonly connections: Connections;
  readonly environments: Environments;
  readonly files: Files;
  readonly tunnels: Tunnels;
  readonly viewers: Viewers;
  readonly syncs: Syncs;
  readonly relay: Relay;
  /** Stops the viewers and the synchronisation of a connection, then ends it. */
  disconnect(connectionId: string): Promise<void>;
  /** Ends a connection and lets its viewers run on without us, until they are stopped at a later visit. */
  leaveRunning(connectionId: string): Promise<void>;
  /**
   * Closes every tunnel and connection. Resolves when all is gone here.
   * @param viewers whether those are stopped too that nobody else looks after, or all left to their leases for the next
   * window to adopt.
   */
  close(viewers: "stop" | "leave"): Promise<void>;
}

/** Where OpenSSH keeps the keys that an administrator vouches for. */
const systemKnownHosts = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

const defaultGraceSeconds = 600;
/** Milliseconds for a sign of life after the machine slept: most connections did not survive that. */
const wakeUpLimit = 5_000;

export async function createApp({
  dataFolder,
  logger,
  home,
  environment,
  onDemandLimit,
  graceSeconds = () => defaultGraceSeconds,
  reconnectInteraction = () => unattended,
  tunnelBackends = () => usualBackends,
}: Ports): Promise<App> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const users = ["known_hosts", "known_hosts2"].map((name) => join(home, ".ssh", name));
  const foreignFiles = process.platform === "win32" ? users : [...users, ...systemKnownHosts];
  const knownHosts = createKnownHosts({ file: join(dataFolder, "known_hosts"), foreignFiles });
  const savedConnections = createSavedConnections(join(dataFolder, "connections.json"), logger);
  const connections = createConnections({ knownHosts, home, environment, logger });
  const environments = createEnvironments();
  const tunnels = createTunnels({
    openCarrier: createOpenCarrier({
      program: createSshProgram({ home, environment }),
      backends: tunnelBackends,
      logger,
    }),
    answerMeanwhile: answerWithWaitingPage(waitingPage),
    logger,
  });
  const viewers = createViewers({
    tunnels,
    connections,
    store: createSessionStore(join(dataFolder, "sessions.json"), logger),
    graceSeconds,
    connectAgain: (target, attended, signal) =>
      connections.connect({ target }, reconnectInteraction(attended), { signal }),
    logger,
  });
  const syncs = createSyncs({
    dataFolder,
    connections,
    connectAgain: (target, signal) =>
      connections.connect({ target }, reconnectInteraction(false), { signal }),
    logger,
    onDemandLimit,
  });
  const relay = createRelay({
    dataFolder,
    createConnections: () => createConnections({ knownHosts, home, environment, logger }),
    describe: (remark) => {
      const { message, advice } = describeFailure(remark);
      return `${message} ${advice}`.trim();
    },
    logger,
  });
  const stopWatching = watchForWakeUp(() => {
    logger.info("the machine woke up");
    viewers.hurry();
    for (const connection of connections.all) void connection.check(wakeUpLimit);
  });
  return {
    knownHosts,
    savedConnections,
    connections,
    environments,
    files: createFiles(),
    tunnels,
    viewers,
    syncs,
    relay,
    disconnect: async (connectionId) => {
      try {
        await syncs.pauseAll(connectionId);
        await viewers.stopAll(connectionId);
      } finally {
        await connections.get(connectionId)?.close();
      }
    },
    leaveRunning: async (connectionId) => {
      const sessions = viewers.sessions.filter((session) => session.connectionId === connectionId);
      await Promise.all(sessions.map(({ id }) => viewers.keep(id)));
      await viewers.leave(connectionId);
      await syncs.pauseAll(connectionId);
      await connections.get(connectionId)?.close();
    },
    close: async (what) => {
      stopWatching();
      try {
        await relay.stop();
        await syncs.close();
        await (what === "stop" ? viewers.stopLast() : viewers.leave());
      } finally {
        await tunnels.closeAll();
        await connections.closeAll();
      }
    },
  };
}
