import { join } from "node:path";
import type { Logger } from "./common/logger.js";
import { claimOwnFolder } from "./common/files/ownFiles.js";
import { Emitter, type Event } from "./common/async/event.js";
import { watchFolder } from "./common/files/watchFolder.js";
import { watchForWakeUp } from "./common/async/wakeUp.js";
import { createEnvironments, type Environments } from "./environments/environments.js";
import { createDiagnosis, type Diagnosis } from "./diagnosis/diagnosis.js";
import { createFiles, type Files } from "./files/files.js";
import { createGlances, type Glances } from "./glance/glances.js";
import { glanceSubjects } from "./glanceSubjects.js";
import { keptLines } from "./linesBefore.js";
import { describeFailure } from "./messages/describeFailure.js";
import { guardPages } from "./messages/guardPages.js";
import { createRelay, type Relay } from "./relay/relay.js";
import { savedIdOf } from "./savedConnectionId.js";
import { createSavedConnections, requestFor, type SavedConnections } from "./savedConnections.js";
import { createSlurm } from "./slurm/createSlurm.js";
import type { JobState } from "./slurm/model/job.js";
import type { JobRequest } from "./slurm/model/jobRequest.js";
import type { Slurm } from "./slurm/slurm.js";
import { type Connections, createConnections } from "./ssh/connections.js";
import type { Connection } from "./ssh/model/connection.js";
import { type Interaction, unattended } from "./ssh/model/interaction.js";
import { isBehind, jobOf, jobTarget } from "./ssh/model/jobTarget.js";
import type { Target } from "./ssh/model/target.js";
import { createKnownHosts, type KnownHosts } from "./ssh/hostKeys/knownHosts.js";
import { createSyncs, type Syncs } from "./sync/syncs.js";
import { createRunRecords } from "./runs/records/createRunRecords.js";
import type { RunRecords } from "./runs/runRecords.js";
import { createSshProgram, type SshProgram } from "./ssh/config/sshProgram.js";
import { type ForwardingBackend, type Tunnels, usualBackends } from "./tunnel/tunnel.js";
import { createKeptPorts } from "./tunnel/keptPorts.js";
import { createOpenForwarder } from "./tunnel/openForwarder.js";
import { createStreamRelays } from "./tunnel/relay/streamRelay.js";
import { readGuardKey } from "./tunnel/guard/guardKey.js";
import { createTakeJob, type TakeJob } from "./takeJob.js";
import { createTunnels } from "./tunnel/tunnels.js";
import { createViewers } from "./viewer/createViewers.js";
import { createSessionStore } from "./viewer/session/sessionStore.js";
import type { Viewers } from "./viewer/viewers.js";
import { keepWaitingLogins, type WaitingLogins } from "./waitingLogins.js";

/** Dependencies that VS Code or the terminal program provide. */
export interface Ports {
  /** Absolute path of our data folder. Created with mode 0700 if missing; rejected if other accounts may write to it. */
  readonly dataFolder: string;
  readonly logger: Logger;
  /** The local user's home folder; `~/.ssh` is read below it. */
  readonly home: string;
  /** Environment variables of the process: SSH_AUTH_SOCK, RUNICORN_SSH_PATH. */
  readonly environment: NodeJS.ProcessEnv;
  /** Absolute path of an OpenSSH configuration file to read instead of the default ones (`ssh -F`). */
  readonly sshConfigFile?: () => string | undefined;
  /** Grace time in seconds: how long a viewer keeps running without us. Default ten minutes. */
  readonly graceSeconds?: () => number;
  /**
   * The interaction for reconnecting. Default: never asks.
   * @param attended whether the user is waiting for the connection.
   */
  readonly reconnectInteraction?: (attended: boolean) => Interaction;
  /** Limit in bytes for files downloaded on demand, per root. */
  readonly onDemandLimit?: () => number;
  /** Allowed tunnel backends, in order of preference. */
  readonly tunnelBackends?: () => readonly ForwardingBackend[];
  /** Whether the ProxyCommand of this host (as entered) may run again for each tunnel. Default: never. */
  readonly mayRepeatProxyCommand?: (host: string) => boolean;
  /** Whether viewers on this host (as entered) may listen on a port, which all its accounts can reach. Default: never. */
  readonly mayListenOnPort?: (host: string) => boolean;
  /** Shell lines to run on every host before a Python starts there, after those of the saved connection. Default: none. */
  readonly linesBefore?: readonly string[];
  /** Whether to adopt viewers that other processes with this data folder start. Default false. */
  readonly followsOthers?: boolean;
  /** Called when a viewer's local port is in use and it gets another one. */
  readonly onMoved?: (before: number, now: number) => void;
}

/** The services that trees, status bar, panels, terminal and REST API all share. */
export interface App {
  readonly ssh: Pick<SshProgram, "command" | "usersFile" | "terminalOptions">;
  readonly knownHosts: KnownHosts;
  readonly savedConnections: SavedConnections;
  readonly connections: Connections;
  readonly environments: Environments;
  readonly files: Files;
  readonly tunnels: Tunnels;
  readonly viewers: Viewers;
  readonly syncs: Syncs;
  readonly records: RunRecords;
  readonly relay: Relay;
  readonly diagnosis: Diagnosis;
  readonly slurm: Slurm;
  /** Login nodes that were lost while jobs wait behind them. */
  readonly waitingLogins: Pick<WaitingLogins, "lost" | "onDidChange">;
  readonly glances: Glances;
  /** Returns our job behind a login node, or submits one. Serialized across windows. */
  readonly takeJob: TakeJob;
  /**
   * Submits a job, waits without a time limit until it runs, and connects into it. Cancels the job on any error.
   * @param told what happens meanwhile; `onDoubt` as `slurm.submit` has it.
   * @throws Failure with a `SlurmFailure` or `SshFailure`, or Cancelled.
   */
  enterNewJob(
    login: Connection,
    request: JobRequest,
    interaction: Interaction,
    signal: AbortSignal,
    told?: { readonly onState: (state: JobState) => void; readonly onDoubt: () => void },
  ): Promise<Connection>;
  /** Stops the viewers of a connection, pauses its syncs, and closes it. */
  disconnect(connectionId: string): Promise<void>;
  /**
   * Closes a connection and keeps its viewers running until somebody stops them. If the host cannot be reached, they end
   * when their leases expire.
   */
  leaveRunning(connectionId: string): Promise<void>;
  /**
   * Closes all tunnels and connections. Resolves when they are closed.
   * @param viewers `stop`: also stops viewers that no other window shows; `leave`: leaves all to their leases, for the next
   * window to adopt.
   */
  close(viewers: "stop" | "leave"): Promise<void>;
}

/** OpenSSH's GlobalKnownHostsFile. */
const systemKnownHosts = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

const defaultGraceSeconds = 600;
/** Milliseconds for a connection to answer after the machine woke up: most do not survive a sleep. */
const wakeUpLimit = 5_000;

/** Debounce time in milliseconds for file changes by other processes. */
const writtenDelay = 100;

/** Watches files of the data folder for writes by any process. */
function watchSharedFiles(dataFolder: string) {
  const emitters = new Map<string, Emitter<void>>();
  const watching = watchFolder(dataFolder, writtenDelay, (names) => {
    for (const [name, emitter] of emitters) if (names.size === 0 || names.has(name)) emitter.fire();
  });
  return {
    written: (name: string): Event<void> => {
      const emitter = emitters.get(name) ?? new Emitter<void>();
      emitters.set(name, emitter);
      return emitter.event;
    },
    dispose: () => watching.dispose(),
  };
}

// eslint-disable-next-line max-lines-per-function -- a list of what is wired, in order
export async function createApp({
  dataFolder,
  logger,
  home,
  environment,
  onDemandLimit,
  graceSeconds = () => defaultGraceSeconds,
  reconnectInteraction = () => unattended,
  tunnelBackends = () => usualBackends,
  mayRepeatProxyCommand,
  mayListenOnPort = () => false,
  linesBefore: givenLines,
  followsOthers = false,
  onMoved,
  sshConfigFile,
}: Ports): Promise<App> {
  await claimOwnFolder(dataFolder, home);
  const shared = watchSharedFiles(dataFolder);
  const users = ["known_hosts", "known_hosts2"].map((name) => join(home, ".ssh", name));
  const foreignFiles = process.platform === "win32" ? users : [...users, ...systemKnownHosts];
  const knownHosts = createKnownHosts({
    file: join(dataFolder, "known_hosts"),
    foreignFiles,
    written: shared.written("known_hosts"),
  });
  const savedConnections = createSavedConnections(
    join(dataFolder, "connections.json"),
    logger,
    shared.written("connections.json"),
  );
  const program = createSshProgram({ home, environment, configFile: sshConfigFile });
  const connectionsOptions = { program, knownHosts, mayRepeatProxyCommand, logger };
  const connections: Connections = createConnections({
    ...connectionsOptions,
    openJob: (login, jobId, interaction, signal) => slurm.open(login, jobId, interaction, signal),
  });
  const slurm = createSlurm({
    program,
    knownHosts,
    connection: (id) => connections.get(id),
    onDidChangeConnections: connections.onDidChange,
    graceSeconds,
    logger,
  });
  const linesBefore = keptLines(savedConnections, givenLines);
  const environments = createEnvironments({ lines: linesBefore });
  const tunnels = createTunnels({
    openForwarder: createOpenForwarder({
      program,
      backends: tunnelBackends,
      relays: createStreamRelays(logger),
      logger,
    }),
    guard: { key: await readGuardKey(join(dataFolder, "guard-key"), logger), pages: guardPages },
    keptPorts: createKeptPorts(join(dataFolder, "localPorts.json"), logger),
    onMoved,
    logger,
  });
  const connectAgain = async (
    target: Target,
    interaction: Interaction,
    signal: AbortSignal,
  ): Promise<Connection> => {
    const job = jobOf(target);
    if (job) {
      await connectAgain(job.login, interaction, signal);
      return connections.connect({ target }, interaction, { signal });
    }
    const saved = await savedConnections.get(savedIdOf(target));
    return connections.connect(requestFor({ ...saved, target }), interaction, { signal });
  };
  const viewers = createViewers({
    tunnels,
    connections,
    store: createSessionStore(join(dataFolder, "sessions.json"), logger),
    graceSeconds,
    connectAgain: (target, attended, signal) => connectAgain(target, reconnectInteraction(attended), signal),
    mayListenOnPort,
    linesBefore,
    storeWritten: followsOthers ? shared.written("sessions.json") : undefined,
    logger,
  });
  const syncs = createSyncs({
    dataFolder,
    connections,
    connectAgain: (target, signal) => connectAgain(target, reconnectInteraction(false), signal),
    logger,
    onDemandLimit,
  });
  const records = createRunRecords({ syncs, logger });
  const relay = createRelay({
    dataFolder,
    createConnections: () => createConnections(connectionsOptions),
    describe: (remark) => {
      const { message, advice } = describeFailure(remark);
      return `${message} ${advice}`.trim();
    },
    logger,
    environment,
  });
  const subjectsOf = glanceSubjects({ syncs, viewers, savedConnections });
  const glances = createGlances({ connections, subjectsOf, logger });
  const waitingLogins = keepWaitingLogins({ slurm, connections, logger });
  // Only viewers, syncs and jobs are reconnected: forget the credentials of other lost connections.
  const forgetLost = (): void =>
    connections.forgetLost(
      (id) =>
        syncs.needs(id) ||
        waitingLogins.needs(id) ||
        viewers.sessions.some(({ connectionId }) => connectionId === id || isBehind(connectionId, id)),
    );
  for (const service of [connections, viewers, syncs, slurm]) service.onDidChange(forgetLost);
  const stopWatching = watchForWakeUp(() => {
    logger.info("the machine woke up");
    viewers.retryLostHosts();
    waitingLogins.retry();
    for (const connection of connections.all) void connection.check(wakeUpLimit);
  });
  /** Returns the connection ids of jobs behind a login node, open or not, then its own. */
  const withJobs = (connectionId: string): string[] => {
    const ids = [...connections.all, ...viewers.sessions.map((one) => ({ id: one.connectionId }))].map(
      ({ id }) => id,
    );
    return [...new Set(ids.filter((id) => isBehind(id, connectionId))), connectionId];
  };
  /** Runs the work; new connects to any of these wait until it is done. */
  const ending = (ids: readonly string[], work: (ids: readonly string[]) => Promise<void>): Promise<void> =>
    ids.reduceRight<() => Promise<void>>(
      (inner, id) => () => connections.whileEnding(id, inner),
      () => work(ids),
    )();
  const closeOne = async (connectionId: string): Promise<void> => {
    const connection = connections.get(connectionId);
    if (connection?.job) await slurm.release(connection);
    await connection?.close();
    waitingLogins.leave(connectionId);
  };
  return {
    ssh: program,
    knownHosts,
    savedConnections,
    connections,
    environments,
    files: createFiles(),
    tunnels,
    viewers,
    syncs,
    records,
    relay,
    diagnosis: createDiagnosis({
      program,
      createConnections: () => createConnections(connectionsOptions),
      linesBefore,
      logger,
    }),
    glances,
    slurm,
    waitingLogins,
    takeJob: createTakeJob(slurm, dataFolder),
    enterNewJob: async (login, request, interaction, signal, told) => {
      const { id: jobId } = await slurm.submit(login, request, signal, told?.onDoubt);
      try {
        await slurm.untilRunning(login, jobId, signal, told?.onState);
        const target = jobTarget({ login: login.target, jobId });
        return await connections.connect({ target }, interaction, { signal });
      } catch (error) {
        // Do not make the caller wait for the cluster's answer.
        void slurm.cancel(login, jobId).catch((late: unknown) => logger.info(`${login.id}: ${String(late)}`));
        throw error;
      }
    },
    disconnect: (connectionId) =>
      ending(withJobs(connectionId), async (ids) => {
        try {
          await Promise.all(ids.map((id) => syncs.pauseAll(id)));
          const stops = await Promise.allSettled(ids.map((id) => viewers.stopAll(id)));
          const failed = stops.find(({ status }) => status === "rejected");
          if (failed?.status === "rejected") throw failed.reason;
        } finally {
          for (const id of ids) await closeOne(id);
        }
      }),
    leaveRunning: (connectionId) =>
      ending(withJobs(connectionId), async (ids) => {
        for (const id of ids) {
          const sessions = viewers.sessions.filter((session) => session.connectionId === id);
          if (connections.get(id)) await Promise.all(sessions.map((session) => viewers.keep(session.id)));
          await viewers.leave(id);
          await syncs.pauseAll(id);
          await connections.get(id)?.close();
          waitingLogins.leave(id);
        }
      }),
    close: async (what) => {
      stopWatching();
      shared.dispose();
      glances.dispose();
      const endJobs = async (): Promise<void> => {
        // A job that nobody wants any more, and whose submission's answer was lost, is looked for still.
        if (what === "stop") await slurm.settled();
        waitingLogins.dispose();
        slurm.dispose();
      };
      const jobsEnded = endJobs();
      try {
        await relay.stop();
        await records.close();
        await syncs.close();
        await (what === "stop" ? viewers.stopLast() : viewers.leave());
      } finally {
        await jobsEnded;
        await slurm.settled();
        await tunnels.closeAll();
        await connections.closeAll();
      }
    },
  };
}
